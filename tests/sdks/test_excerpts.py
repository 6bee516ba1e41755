"""The source line of a finding: what could be a token or somebody's id is masked, the rest can be read."""

from __future__ import annotations

import pytest

from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.sdks.scan import scan

TOKEN, PERSON = "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "person-canary-0c3e"


def excerpts(file: str, text: str) -> list[str]:
    return [found.excerpt for found in scan(file, text, Region.EU).diagnostics]


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("a.js", f"mixpanel.init('{TOKEN}', {{ api_host: 'https://api.mixpanel.com' }}); mixpanel.identify('{PERSON}');"),
        ("a.js", f"mixpanel.init(`{TOKEN}`); // {PERSON}"),
        ("a.js", f"mixpanel.init('x'); mixpanel.identify('{PERSON}'); /* {TOKEN} */"),
        ("a.js", f"fetch('https://api.mixpanel.com/track?token={TOKEN}&distinct_id={PERSON}')"),
        ("a.js", f"fetch(`https://api.mixpanel.com/engage/{TOKEN}`)"),
        ("a.py", f"import mixpanel; mixpanel.Mixpanel('{TOKEN}'); x = '{PERSON}'  # {PERSON}"),
        ("a.swift", f'Mixpanel.initialize(token: "{TOKEN}", trackAutomaticEvents: false, distinctId: "{PERSON}")'),
        ("a.m", f'[Mixpanel sharedInstanceWithToken:@"{TOKEN}" trackAutomaticEvents:YES]; // {PERSON}'),
        ("a.kt", f'MixpanelAPI.getInstance(context, "{TOKEN}", true).identify("{PERSON}")'),
        ("a.rb", f"Mixpanel::Tracker.new('{TOKEN}').track('{PERSON}', 'x')"),
        ("a.properties", f"url=https://api.mixpanel.com/track token={TOKEN} id={PERSON}"),
        ("a.yaml", f"{{host: api.mixpanel.com, token: {TOKEN}, who: {PERSON}}}"),
        ("a.js", f"mixpanel.init(T{TOKEN}, {{api_host: 'https://api.mixpanel.com'}}); id(1234567890123)"),
        ("a.js", "mixpanel.init('x', {api_host: 'https://api.mixpanel.com'}); <p>anna.canary@example.com</p>"),
    ],
)
def test_no_token_and_no_id_is_shown(file: str, line: str) -> None:
    """Texts, comments, numbers and what looks random are masked in the line that is shown."""
    shown = excerpts(file, f"{line}\n")
    assert shown
    for excerpt in shown:
        assert len(line) == len(excerpt)
        assert not any(secret in excerpt for secret in (TOKEN, PERSON, "1234567890123", "anna.canary"))


def test_the_text_that_is_wrong_is_shown() -> None:
    """The reader sees the call, the option's name and the host."""
    (shown,) = excerpts("a.ts", "mixpanel.init('YOUR_TOKEN', { api_host: 'https://api.mixpanel.com' });\n")
    assert "mixpanel.init('••••••••••', { api_host: 'https://api.mixpanel.com' });" == shown


def test_the_host_within_a_longer_text_is_shown() -> None:
    """Of a URL with a query the host is left, so that the caret stands below something."""
    (shown,) = excerpts("a.ts", "fetch('https://api.mixpanel.com/track?verbose=1')\n")
    assert "fetch('https://api.mixpanel.com••••••••••••••••')" == shown


def test_a_packed_line_is_not_shown() -> None:
    """A bundle's line of a hundred thousand characters is no help."""
    assert [""] == excerpts("a.js", "x" * 100_000 + ";mixpanel.init('x')\n")
