"""A strict little reader of our HTML: what a browser would mend silently is an error."""

from __future__ import annotations

from html.parser import HTMLParser

__all__ = ["Read", "read"]

VOID = frozenset({"br", "hr", "meta", "wbr"})
KNOWN = VOID | frozenset(
    ["html", "head", "title", "style", "body", "header", "main", "footer", "section", "h1", "h2", "h3", "p", "ul", "ol", "li", "dl", "dt", "dd", "div", "span", "i", "b", "strong", "code", "pre", "table", "caption", "thead", "tbody", "tr", "th", "td", "details", "summary"]
)
PHRASING_ONLY = frozenset({"p", "h1", "h2", "h3", "span", "b", "i", "code", "pre", "strong", "summary", "dt", "title"})
"""Within these no block may stand: a browser would end them before it."""
BLOCKS = frozenset(["section", "p", "ul", "ol", "li", "dl", "div", "table", "details", "h1", "h2", "h3", "header", "main", "footer", "pre"])
PARENTS = {
    "li": {"ul", "ol"}, "dt": {"div"}, "dd": {"div"}, "tr": {"thead", "tbody"}, "td": {"tr"}, "th": {"tr"}, "thead": {"table"},
    "tbody": {"table"}, "caption": {"table"}, "summary": {"details"}, "header": {"body"}, "main": {"body"}, "footer": {"body"},
}  # fmt: skip
ATTRIBUTES = frozenset(
    ["class", "id", "style", "lang", "charset", "name", "content", "http-equiv", "scope", "role", "href", "aria-label", "aria-hidden", "aria-labelledby", "data-label"]
)


class Read(HTMLParser):
    """What was read: the *tags* in their order, the *texts*, the attributes of each tag; `errors` has what is wrong."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.errors: list[str] = []
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.declarations: list[str] = []
        self._open: list[str] = []
        self._ids: set[str] = set()

    def handle_decl(self, decl: str) -> None:
        self.declarations.append(decl)

    def handle_comment(self, data: str) -> None:
        self.errors.append(f"a comment: {data!r}")

    def handle_pi(self, data: str) -> None:
        self.errors.append(f"an instruction: {data!r}")

    def unknown_decl(self, data: str) -> None:
        self.errors.append(f"a declaration: {data!r}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in KNOWN:
            self.errors.append(f"<{tag}> is none of ours")
        parent = self._open[-1] if self._open else ""
        if tag in PARENTS and parent not in PARENTS[tag]:
            self.errors.append(f"<{tag}> within <{parent}>")
        if tag in BLOCKS and PHRASING_ONLY & set(self._open):
            self.errors.append(f"<{tag}> within {self._open}")
        names = [name for name, _ in attrs]
        given = {name: value or "" for name, value in attrs}
        if len(names) != len(given) or not set(names) <= ATTRIBUTES:
            self.errors.append(f"attributes {names} of <{tag}>")
        if given.get("id") in self._ids:
            self.errors.append(f"the id {given['id']} twice")
        self._ids |= {given["id"]} if "id" in given else set()
        self.tags.append((tag, given))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or not self._open or self._open[-1] != tag:
            self.errors.append(f"</{tag}> in {self._open}")
        else:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def finish(self) -> None:
        self.close()
        if self._open:
            self.errors.append(f"never closed: {self._open}")
        named = {given[name] for _, given in self.tags for name in ("aria-labelledby",) if name in given}
        if not named <= self._ids:
            self.errors.append(f"no element is called {named - self._ids}")
        if self.declarations != ["DOCTYPE html"]:
            self.errors.append(f"declarations {self.declarations}")

    @property
    def shape(self) -> list[str]:
        """The tags alone: what of a page must not depend on the texts in it."""
        return [tag for tag, _ in self.tags if tag != "wbr"]


def read(page: str) -> Read:
    """*page*, read; look at its `errors`."""
    found = Read()
    found.feed(page)
    found.finish()
    return found
