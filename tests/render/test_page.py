"""What a command has to show, as Markdown and as a page: nothing of it is lost on the way."""

from __future__ import annotations

import re

import pytest

from mixpriv_reconcile.explain import codes, page
from mixpriv_reconcile.model.page import Code, Items, Page, Section, Sentence, Table
from mixpriv_reconcile.model.regions import APIS, Region
from mixpriv_reconcile.model.report import Report
from mixpriv_reconcile.render.endpoints import endpoints_page
from mixpriv_reconcile.render.explain_page import explain_page
from mixpriv_reconcile.render.page_html import MOST_SHOWN, page_html
from mixpriv_reconcile.render.page_markdown import page_comment, page_markdown
from mixpriv_reconcile.render.sdk_page import sdk_page
from mixpriv_reconcile.sdks import PROFILES, Sheets, sheet

from .markup import read
from .samples import MORNING

RUN = Report("explain", "1.2.3", MORNING, 0, "done")


def words(text: str) -> list[str]:
    """The words of *text*, whatever stands between them."""
    return re.findall(r"\w+", text)


@pytest.mark.parametrize("code", codes())
def test_a_page_of_explain_keeps_every_word(code: str) -> None:
    """As HTML each page is valid and has the words of its Markdown, in their order, and no mark of Markdown's outside of samples."""
    written = page(code)
    assert written is not None
    made = read(page_html(RUN, explain_page(written)))
    assert [] == made.errors
    shown = words(re.sub(r"\n```[\w-]*", "\n", written).removeprefix("# "))
    told = words(" ".join(made.texts))
    start = told.index(code)  # behind the style
    assert shown == told[start : start + len(shown)]
    texts = [block.text for section in explain_page(written).sections for block in section.blocks if isinstance(block, Sentence)]
    assert [text for text in texts if re.match(r"(#|\||- |\d+\. |```)", text)] == []


@pytest.mark.parametrize("region", [None, *Region])
def test_the_hosts_of_every_api(region: Region | None) -> None:
    """Each region that is shown has a table of all APIs with their hosts, in Markdown and on the page; no other region's host is there."""
    shown = endpoints_page(region)
    marked, made = page_markdown(shown), read(page_html(RUN, shown))
    assert [] == made.errors
    for one in Region:
        for api in APIS:
            cell = f"| {api.name} | `{api.at(one)}` |" if api.at(one) else f"| {api.name} | none documented |"
            assert (cell in marked) or region not in (None, one)
        assert (f"## {one.title} ({one.value})" in marked) is (region in (None, one))
        assert any(api.at(one) in made.texts for api in APIS) or region not in (None, one)


def test_all_sdks_fit_into_a_comment() -> None:
    """The report of all SDKs leaves none out, and its page is valid."""
    shown = sdk_page(Sheets("web-eu", Region.EU, tuple(sheet(profile, Region.EU) for profile in PROFILES)))
    comment = page_comment(RUN, shown)
    assert "left out here" not in comment
    assert len(comment.encode()) <= 60_000
    made = read(page_html(RUN, shown))
    assert [] == made.errors
    assert made.texts.count("For every SDK") == 1


def test_a_long_page_is_cut_and_says_so() -> None:
    """A comment and a page of very many addresses have the first of them, and how many more there are; Markdown that stands alone has all."""
    items = tuple(f"`web.deletions.r{number}`" for number in range(MOST_SHOWN * 3))
    long = Page("Addresses", (Section("", (Items(items, "address", "addresses"),)), Section("After", (Sentence("The end."),))))
    comment = page_comment(RUN, long)
    assert len(comment.encode()) <= 60_000
    assert re.search(r"… and [\d,]+ addresses more, left out here", comment)
    assert items[0] in comment
    assert f"… and {MOST_SHOWN * 2:,} addresses more" in page_html(RUN, long)
    assert page_markdown(long).count("\n- ") == len(items)


def test_samples_are_to_be_pasted() -> None:
    """A sample of ours stands in a fence of its language as it is, with a longer fence where it has one itself; a line that may hold a
    stranger's words is whole, and opens nothing."""
    sample = "a\n```\n\tb < c & d\n```"
    assert f"````sh\n{sample}\n````\n" in page_markdown(Page("x", (Section("", (Code(sample, "sh"),)),)))
    assert "<pre>state: {path: &lt;b&gt;}</pre>" in page_markdown(Page("x", (Section("", (Code("state: {path: <b>}"),)),)))
    made = page_html(RUN, Page("x", (Section("", (Code(sample, "sh"),)),)))
    assert "<pre>a\n```\n    b &lt; c &amp; d\n```</pre>" in made


def test_empty_blocks_are_left_out() -> None:
    """A list or a table of nothing has no heading in Markdown."""
    assert page_markdown(Page("x", (Section("Kept", (Items(()),)), Section("Written", (Table(("a",), ()),))))) == "# x\n"
