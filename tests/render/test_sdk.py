"""Mixpanel's SDKs as text, JSON and Markdown."""

from __future__ import annotations

import html
import io
import json
import re

import pytest

from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.render.look import Look
from mixpriv_reconcile.render.page_markdown import page_markdown
from mixpriv_reconcile.render.sdk_json import sdk_json
from mixpriv_reconcile.render.sdk_page import sdk_page
from mixpriv_reconcile.render.sdk_text import render_sdks
from mixpriv_reconcile.sdks import PROFILES, Profile, Sheets, Snippet, sheet

from .golden import assert_golden
from .orders import is_harmless


def sheets(region: Region, *profiles: Profile, project: str | None = None) -> Sheets:
    return Sheets(project, region, tuple(sheet(profile, region) for profile in profiles or PROFILES))


def text(shown: Sheets, width: int = 80) -> str:
    stream = io.StringIO()
    render_sdks(shown, stream, Look(False, width))
    return stream.getvalue()


def markdown(shown: Sheets) -> str:
    return page_markdown(sdk_page(shown))


def snippets(shown: Sheets) -> list[Snippet]:
    return [snippet for one in shown.sdks for snippet in (one.call, one.list_check)]


def test_golden_text() -> None:
    """For a project in the EU all SDKs read exactly like this."""
    assert_golden("sdk-eu.txt", text(sheets(Region.EU, project="web-eu")))


def test_golden_markdown() -> None:
    """As Markdown, for India, exactly like this."""
    assert_golden("sdk-in.md", markdown(sheets(Region.IN)))


def test_golden_json() -> None:
    """As JSON, for the US, exactly like this."""
    assert_golden("sdk-us.json", sdk_json(sheets(Region.US)))


def plain(marked: str) -> str:
    """*marked*, as it is read where it is rendered, without the ticks of what is code."""
    return html.unescape(re.sub(r"<!-- -->|\\(?=[\\`*_\[\]|~$])|</?code>|`", "", marked))


@pytest.mark.parametrize("region", Region)
def test_eighty_columns(region: Region) -> None:
    """Text and code fit into 80 columns."""
    assert [line for line in text(sheets(region)).splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("region", Region)
def test_code_is_to_be_pasted(region: Region) -> None:
    """In text, Markdown and JSON every snippet stands whole, line by line, and in a fence of its language."""
    shown = sheets(region)
    document = json.loads(sdk_json(shown))
    for snippet in snippets(shown):
        indented = "".join(f"    {line.expandtabs(4)}".rstrip() + "\n" for line in snippet.code.splitlines())
        assert indented in text(shown)
        assert f"```{snippet.language}\n{snippet.code}```\n" in markdown(shown)
    assert [snippet.code for snippet in snippets(shown)] == [one[key]["code"] for one in document["sdks"] for key in ("call", "list_check")]


@pytest.mark.parametrize("region", Region)
def test_every_fact_in_every_format(region: Region) -> None:
    """What one format says of an SDK the others say, too."""
    for profile in PROFILES:
        shown = sheets(region, profile)
        one = shown.sdks[0]
        flat = " ".join(text(shown).split())
        marked = plain(markdown(shown))
        facts = [one.option, *one.values, one.default, *one.also, one.note, one.version, *one.caveats, *shown.notes]
        facts += [fact for leak in one.leaks for fact in (leak.what, leak.fix)]
        facts += [fact for found in one.mismatches for fact in (found.where, found.docs_say, found.source_says)]
        if one.opt_out is not None:
            facts += [*one.opt_out.opt_out, *one.opt_out.opt_in, *one.opt_out.query, one.opt_out.by_default, one.opt_out.deletes_profile.words]
        assert [fact for fact in facts if fact not in flat] == []
        assert [fact for fact in facts if fact.replace("`", "") not in marked] == []


def test_harmless() -> None:
    """No sample code looks like an order to a CI system's log reader."""
    for region in Region:
        assert is_harmless(text(sheets(region)))
        assert is_harmless(sdk_json(sheets(region)))
        assert is_harmless(markdown(sheets(region)).replace("\t", " "))  # Go is indented by tabs
