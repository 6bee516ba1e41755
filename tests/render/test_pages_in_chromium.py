"""The pages as a browser shows them: on a phone and on a wide screen, in light and dark, on paper. `make test-engines`."""

from __future__ import annotations

import dataclasses
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.status import StatusReport
from mixpriv_reconcile.render.plan_html import plan_html
from mixpriv_reconcile.render.state_html import state_html
from mixpriv_reconcile.render.status_html import status_html

from .chromium import Page, opened
from .samples import CONFLICTING, DAY, FORGOTTEN, NOTHING, REFUSED, RICH, STATE, STATUS, plan_of_changes

pytestmark = pytest.mark.engines

LONG = "web-eu.deletions." + "a_very_long_name_without_a_place_to_break_" * 4
SIZES = {"phone": (360, 740), "desktop": (1280, 900), "between": (961, 900), "tablet": (800, 1000)}
PAGES = {
    "status": status_html(STATUS),
    "status-long": status_html(
        dataclasses.replace(STATUS, requests=tuple(dataclasses.replace(one, address=f"{LONG}{number}") for number, one in enumerate(STATUS.requests)))
    ),
    "status-nothing": status_html(StatusReport(DAY, (), 0)),
    "plan": plan_html(RICH, saved_to="plans/monday plan.json"),
    "plan-long": plan_html(plan_of_changes([dataclasses.replace(FORGOTTEN, address=Address.parse(LONG), project="p" * 150)])),
    "plan-refused": plan_html(REFUSED),
    "plan-conflicting": plan_html(CONFLICTING),
    "plan-nothing": plan_html(NOTHING),
    "state": state_html(STATE),
}

TOO_WIDE = """
[...document.querySelectorAll('body *')].filter(one => {
  if (one.closest('thead') && innerWidth <= 960) return false;   // out of sight on a phone, where each cell has its label
  const box = one.getBoundingClientRect();
  const around = (one.closest('section, .tiles li') || document.body).getBoundingClientRect();
  return box.width > 0 && (box.left < Math.max(around.left, 0) - 0.5 || box.right > Math.min(around.right, innerWidth) + 0.5);
}).map(one => one.outerHTML.slice(0, 120))
"""
CLIPPED = """
[...document.querySelectorAll('body *')].filter(one => {
  if (one.closest('thead') && innerWidth <= 960) return false;
  const style = getComputedStyle(one);
  const cuts = style.overflowX !== 'visible' || style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
  return one.innerText && cuts && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1);
}).map(one => one.outerHTML.slice(0, 120))
"""
OVERLAPPING = """
[...document.querySelectorAll('section, header, footer, tr, .time > li, .tiles li')].flatMap((one, index, all) =>
  all.slice(index + 1).filter(other => !one.contains(other) && !other.contains(one) && (() => {
    if (one.closest('thead') || other.closest('thead')) return false;
    const a = one.getBoundingClientRect(), b = other.getBoundingClientRect();
    return Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1;
  })()).map(other => [one.className, other.className]))
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with opened() as page:
        yield page


@pytest.fixture
def file(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The page of the test's *name*, as a file."""
    path = tmp_path / f"{request.getfixturevalue('name')}.html"
    path.write_text(PAGES[request.getfixturevalue("name")], encoding="utf-8")
    return path


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", PAGES)
def test_it_fits(browser: Page, file: Path, name: str, size: str, is_open: bool) -> None:
    """Nothing lies beyond the window's edge, no text is cut, nothing covers anything, whether its details are folded or open."""
    browser.show(file, *SIZES[size])
    if is_open:
        browser.value("document.querySelectorAll('details').forEach(one => one.open = true)")
    _keep(browser, f"{name}-{size}-{'open' if is_open else 'folded'}")
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    assert SIZES[size][0] == browser.value("innerWidth")
    assert [] == browser.value(TOO_WIDE)
    assert [] == browser.value(CLIPPED)
    assert [] == browser.value(OVERLAPPING)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_fetched(browser: Page, file: Path, name: str) -> None:
    """A page asks for itself and for nothing else, and runs nothing."""
    browser.requests.clear()
    browser.show(file, *SIZES["desktop"])
    assert [file.as_uri()] == browser.requests
    assert 0 == browser.value("document.scripts.length")


@pytest.mark.parametrize("has_policy", [True, False])
def test_what_got_in_would_not_run(browser: Page, tmp_path: Path, has_policy: bool) -> None:
    """Even if something got into a page, its policy lets it run nothing and call nobody; without the policy it would."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        origin = f"http://127.0.0.1:{server.getsockname()[1]}"
        foreign = f"<script>document.title = 'ran'</script><img src='{origin}/image'><link rel='stylesheet' href='{origin}/style'>"
        planted = PAGES["status"].replace("<main>", f"<main>{foreign}")
        path = tmp_path / "planted.html"
        path.write_text(planted if has_policy else re.sub("<meta http-equiv[^>]*>", "", planted), encoding="utf-8")
        browser.call("Page.navigate", url=path.as_uri())
        until = "document.title === 'ran'" if not has_policy else "document.readyState === 'complete'"
        while not (browser.value("location.href") == path.as_uri() and browser.value(until)):
            pass
        if has_policy:
            assert "ran" != browser.value("document.title")
            with pytest.raises(BlockingIOError):
                server.accept()
        else:
            server.settimeout(60)
            server.accept()[0].close()


@pytest.mark.parametrize("name", ["status", "plan", "state"])
def test_dark_and_light(browser: Page, file: Path, name: str) -> None:
    """A page is dark for whoever wants that, and light for all others."""
    grounds = {}
    for scheme in ("light", "dark"):
        browser.show(file, *SIZES["phone"], scheme=scheme)
        _keep(browser, f"{name}-phone-{scheme}")
        red, green, blue = re.findall(r"\d+", browser.value("getComputedStyle(document.body).backgroundColor"))[:3]
        grounds[scheme] = int(red) + int(green) + int(blue)
    assert grounds["dark"] < 150 < 600 < grounds["light"]


@pytest.mark.parametrize("name", ["status", "plan", "plan-refused", "state"])
def test_printed(browser: Page, file: Path, name: str) -> None:
    """On paper a page is black on white with its details unfolded, whatever the screen prefers, on sheets of A4."""
    browser.show(file, 688, 970, scheme="dark", media="print")
    _keep(browser, f"{name}-print")
    assert "rgb(255, 255, 255)" == browser.value("getComputedStyle(document.body).backgroundColor")
    assert 0 == browser.value("[...document.querySelectorAll('details > :not(summary)')].filter(one => !one.checkVisibility() || !one.offsetHeight).length")
    assert browser.value("document.documentElement.scrollWidth <= innerWidth")
    sheets = browser.pdf()
    assert sheets.startswith(b"%PDF-")
    assert re.search(rb"/MediaBox \[0 0 (594|595)[.\d]* (841|842)", sheets)


@pytest.mark.parametrize("size", ["phone", "desktop"])
@pytest.mark.parametrize("name", ["status", "plan"])
def test_heard(browser: Page, file: Path, name: str, size: str) -> None:
    """A screen reader finds landmarks, one heading above all, and a table with headings, on a phone too."""
    browser.show(file, *SIZES[size])
    roles = [role for role, _ in browser.roles()]
    assert {"banner", "main", "contentinfo", "heading", "table", "columnheader", "rowheader", "cell"} <= set(roles)
    assert 1 == browser.value("document.querySelectorAll('h1').length")


def test_the_time_line_is_drawn_to_scale(browser: Page, tmp_path: Path) -> None:
    """Today is at the same place in every lane, and what was due before it stands left of it."""
    path = tmp_path / "status.html"
    path.write_text(PAGES["status"], encoding="utf-8")
    browser.show(path, *SIZES["desktop"])
    lefts = "[...document.querySelectorAll('.lane .%s')].map(one => { const box = one.getBoundingClientRect(); return (box.left + box.right) / 2 })"
    today, due = browser.value(lefts % "now"), browser.value(lefts % "due")
    assert 1 >= max(today) - min(today)
    assert due[0] < today[0] < due[1]


def _keep(browser: Page, name: str) -> None:
    """Keep a picture for a person to look at, where MIXPRIV_PICTURES names a folder."""
    folder = os.environ.get("MIXPRIV_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        (Path(folder) / f"{name}.png").write_bytes(browser.picture())
