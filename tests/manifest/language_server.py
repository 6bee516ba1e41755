"""The language server that editors ask about YAML, spoken to as they do: JSON-RPC over its standard input and output."""

from __future__ import annotations

import itertools
import json
import subprocess
from pathlib import Path
from types import TracebackType
from typing import IO, Any

__all__ = ["PROGRAM", "LanguageServer"]

PROGRAM = Path(__file__).parents[2] / "build/engines/node_modules/.bin/yaml-language-server"
"""`make build/engines/.installed` puts it there."""

SETTINGS = {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}, "kubernetesCRDStore": {"enable": False}}
"""Without a catalogue of the network: what it knows, it knows from the file's own modeline."""


class LanguageServer:
    """One server for the files of *root*; as a context it is started and ended."""

    def __init__(self, root: Path) -> None:
        self._numbers = itertools.count(1)
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}
        self._process = subprocess.Popen([PROGRAM, "--stdio"], cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.root = root

    def __enter__(self) -> LanguageServer:
        can = {"textDocument": {"hover": {"contentFormat": ["markdown"]}, "completion": {"completionItem": {"snippetSupport": False}}}}
        self._ask("initialize", {"processId": None, "rootUri": self.root.as_uri(), "capabilities": can | {"workspace": {"configuration": True}}})
        self._tell("initialized", {})
        self._tell("workspace/didChangeConfiguration", {"settings": {"yaml": SETTINGS}})
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()

    def opened(self, path: Path, text: str | None = None) -> list[dict[str, Any]]:
        """The server's diagnostics of *path*, with *text* in place of what the file holds."""
        text = path.read_text("utf-8") if text is None else text
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self._diagnostics.pop(path.as_uri(), None)
        self._tell("textDocument/didOpen", {"textDocument": document})
        while path.as_uri() not in self._diagnostics:
            self._take(self._read())
        return self._diagnostics[path.as_uri()]

    def hover(self, path: Path, line: int, character: int) -> str:
        """What is shown of the word at *line* and *character*, counted from 0, as Markdown."""
        found = self._ask("textDocument/hover", {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": character}})
        return str(found["contents"]["value"]) if found else ""

    def completions(self, path: Path, line: int, character: int) -> dict[str, str]:
        """What is offered at *line* and *character*, counted from 0: labels, with what is said of each."""
        where = {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": character}}
        found = self._ask("textDocument/completion", where)
        return {item["label"]: _text(item.get("documentation", "")) for item in found["items"]}

    def _ask(self, method: str, parameters: dict[str, Any]) -> Any:
        number = next(self._numbers)
        self._send({"id": number, "method": method, "params": parameters})
        while (message := self._read()).get("id") != number or "method" in message:
            self._take(message)
        assert "error" not in message, message["error"]
        return message["result"]

    def _tell(self, method: str, parameters: dict[str, Any]) -> None:
        self._send({"method": method, "params": parameters})

    def _take(self, message: dict[str, Any]) -> None:
        """Answer what the server asks, and keep what it says of files."""
        if message.get("method") == "textDocument/publishDiagnostics":
            self._diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif message.get("method") == "workspace/configuration":
            known = {"yaml": SETTINGS}
            self._send({"id": message["id"], "result": [known.get(item["section"], {}) for item in message["params"]["items"]]})
        elif "id" in message and "method" in message:
            self._send({"id": message["id"], "result": None})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stream = self._stream(self._process.stdin)
        stream.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        stream.flush()

    def _read(self) -> dict[str, Any]:
        stream, length = self._stream(self._process.stdout), 0
        while (line := stream.readline().strip()) or not length:
            assert line or self._process.poll() is None, "the language server has ended"
            if line.lower().startswith(b"content-length:"):
                length = int(line.partition(b":")[2])
        message: dict[str, Any] = json.loads(stream.read(length))
        return message

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None
        return stream


def _text(given: Any) -> str:
    return str(given["value"] if isinstance(given, dict) else given)
