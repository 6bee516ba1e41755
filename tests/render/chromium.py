"""Headless Chromium, told what to do over two pipes (the DevTools protocol; no port is opened, no driver is needed)."""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["Page", "opened"]

OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
ABOVE = 20
"""File descriptors from here on are free for our ends; the browser reads from 3 and writes to 4."""


@dataclass
class Page:
    """The one page of a browser. *requests* are the URLs of everything it has asked for since it was opened."""

    reader: Any
    writer: Any
    session: str = ""
    requests: list[str] = field(default_factory=list)
    _number: int = 0

    def call(self, method: str, **parameters: Any) -> Any:
        """What the browser answers; raises `RuntimeError` with its error."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        self.writer.write(json.dumps(message | ({"sessionId": self.session} if self.session else {})).encode() + b"\0")
        self.writer.flush()
        while (answer := self._message()).get("id") != self._number:
            pass
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def show(self, path: Path, width: int, height: int, *, scheme: str = "light", media: str = "screen") -> None:
        """Load the file at *path* in a window of that size, with the user's wish for a *scheme*."""
        is_phone = width < 600
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_phone)
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=path.as_uri())
        while self._message().get("method") != "Page.loadEventFired":
            pass

    def value(self, expression: str) -> Any:
        """What the JavaScript *expression* comes to: run by the test, in a page that itself runs none."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def roles(self) -> list[tuple[str, str]]:
        """Role and name of everything a screen reader comes across, in its order."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in nodes if not node["ignored"]]

    def picture(self) -> bytes:
        """The whole page as a PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"])

    def pdf(self) -> bytes:
        """The page as it is printed, on paper of the size it asks for."""
        return base64.b64decode(self.call("Page.printToPDF", preferCSSPageSize=True)["data"])

    def _message(self) -> dict[str, Any]:
        octets = bytearray()
        while (octet := self.reader.read(1)) != b"\0":
            assert octet, "the browser has ended"
            octets += octet
        message: dict[str, Any] = json.loads(octets)
        if message.get("method") == "Network.requestWillBeSent":
            self.requests.append(message["params"]["request"]["url"])
        return message


@contextlib.contextmanager
def opened() -> Iterator[Page]:
    """A page in a browser of its own, with a profile that is new and goes afterwards. Fails where there is no Chromium."""
    program = shutil.which("chromium")
    assert program is not None, "these tests look at pages in Chromium: install the package `chromium`"
    theirs_in, ours_out = _pipe()
    ours_in, theirs_out = _pipe()

    def place() -> None:
        os.dup2(theirs_in, 3)
        os.dup2(theirs_out, 4)

    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        command = [program, *OPTIONS, f"--user-data-dir={profile}", "about:blank"]
        quiet = subprocess.DEVNULL
        browser = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, pass_fds=(3, 4), preexec_fn=place)
        os.close(theirs_in)
        os.close(theirs_out)
        try:
            with open(ours_in, "rb") as reader, open(ours_out, "wb") as writer:
                page = Page(reader, writer)
                target = next(one for one in page.call("Target.getTargets")["targetInfos"] if one["type"] == "page")
                page.session = page.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
                for domain in ("Page", "Network", "Runtime", "Accessibility"):
                    page.call(f"{domain}.enable")
                yield page
                with contextlib.suppress(AssertionError, OSError, RuntimeError):
                    page.session = ""
                    page.call("Browser.close")
        finally:
            try:
                browser.wait(timeout=20)
            except subprocess.TimeoutExpired:
                browser.kill()
                browser.wait()


def _pipe() -> tuple[int, int]:
    """Both ends of a pipe, out of the way of the numbers that the browser wants."""
    ends = os.pipe()
    moved = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, ABOVE) for end in ends)
    for end in ends:
        os.close(end)
    return moved[0], moved[1]
