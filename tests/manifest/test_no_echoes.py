"""One cause, one message: what can't be understood has no second finding that goes away with the first."""

from __future__ import annotations

from pathlib import Path

import pytest

from .breakages import placed, told
from .workspace import HEAD, PROJECT, REQUEST, wrote

IDS = "        distinct_ids: [user-1]\n"
SSO = '    sso: {postback_url: "https://eu.mixpanel.com/security/login/42"}\n'
DRIFT = "    sdks: {javascript: {source: a.js}}\n"
WHOLE = HEAD + PROJECT + REQUEST + IDS


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (WHOLE.replace("compliance", "complianse"), [("MP0201", 12, 9)]),
        (WHOLE.replace("distinct_ids", "distinct_id"), [("MP0201", 14, 9)]),
        (WHOLE.replace("received", "recieved"), [("MP0201", 13, 9)]),
        (WHOLE.replace("        compliance: gdpr\n", "        <<: {compliance: gdpr}\n"), [("MP0108", 12, 9)]),
        (WHOLE.replace("id: 17", "id: !!int 17"), [("MP0109", 7, 9)]),
        (WHOLE.replace("id: 17", "id: *unknown"), [("MP0111", 7, 9)]),
        (WHOLE.replace("workspace:\n", "workspace:\n  timezone: !!int 5\n"), [("MP0109", 3, 13)]),
        (WHOLE.replace("residency: eu", "residency: uk") + SSO, [("MP0204", 9, 16)]),
        (WHOLE.replace("residency: eu", "residency: uk") + DRIFT, [("MP0204", 9, 16)]),
        (WHOLE.replace("    residency: eu\n", "    residency: us\n    residency: eu\n") + SSO, [("MP0107", 10, 5)]),
        (WHOLE + SSO.replace("}", ", region: europe}"), [("MP0204", 15, 78)]),
        (WHOLE.replace("user-1", "anonymous").replace("workspace:\n", "workspace:\n  polic: {allow_placeholder_ids: [anonymous]}\n"), [("MP0201", 3, 3)]),
        (
            WHOLE.replace("user-1", "anonymous").replace("workspace:\n", "workspace:\n  policy: {allow_placeholder_ids: [anonymus]}\n"),
            [("MP0316", 3, 36)],
        ),
        (WHOLE.replace("[user-1]\n", "[user-1]\n        from: [{file: a.csv, colum: id}]\n"), [("MP0201", 15, 30)]),
        (WHOLE.replace("issued: 2026-03-01", "isued: 2026-03-01"), [("MP0201", 4, 35)]),
        (WHOLE.replace("    gdpr_token:", "    gdpr_tokn:"), [("MP0201", 4, 5)]),
        (WHOLE.replace("workspace:\n", "workspace:\n  timezone: Nowhere\n").replace("2026-11-03", "2026-11-24"), [("MP0311", 3, 13)]),
        (WHOLE + "    opt_outs: {write_to: mixpriv.state.json, distinct_ids: []}\n", [("MP0385", 15, 26)]),
        (WHOLE + "    opt_outs: {write_to: ../mixpriv.json, distinct_ids: []}\n", [("MP0380", 15, 26)]),
        (WHOLE + "---\nversion: 1\n" + PROJECT.replace("web", "app").replace("17", "18").replace("WEB", "APP"), [("MP0106", 15, 1)]),
    ],
)
def test_a_cause_has_no_echo(text: str, expected: list[tuple[str, int, int]], tmp_path: Path) -> None:
    """Neither what is missing because it is misspelt, nor what depends on something that was refused, is told as well."""
    wrote(tmp_path, {"m.yaml": text, "a.js": "mixpanel.init('t', {api_host: 'https://api.mixpanel.com'});\n", "a.csv": "id\nuser-2\n"})

    assert expected == [(code, line, column) for code, _, line, column in placed(told(tmp_path))]


def test_what_the_unread_manifest_allows_is_not_guessed(tmp_path: Path) -> None:
    """Where the manifest with `workspace:` can't be read, no id is called a placeholder, and no token missing; the other is still checked."""
    request = PROJECT + REQUEST + "        distinct_ids: [anonymous]\n        from: [{file: missing.txt}]\n"
    wrote(tmp_path, {"a.yaml": HEAD + "  policy: {allow_placeholder_ids: [anonymous}\n", "b.yaml": "version: 1\n" + request})

    assert [("MP0104", "a.yaml"), ("MP0401", "b.yaml")] == [(code, file) for code, file, *_ in placed(told(tmp_path))]


def test_the_second_of_a_name_is_checked_as_the_first(tmp_path: Path) -> None:
    """A project whose name is taken, or can't be one, is checked like every other."""
    other = PROJECT.replace("17", "18").replace("WEB", "APP") + REQUEST + "        distinct_ids: [anonymous]\n"
    wrote(tmp_path, {"a.yaml": WHOLE, "b.yaml": "version: 1\n" + other, "c.yaml": "version: 1\n" + other.replace("  web:", "  my web:")})

    assert [
        ("MP0302", "b.yaml", 3, 3),
        ("MP0412", "b.yaml", 11, 24),
        ("MP0211", "c.yaml", 3, 3),
        ("MP0412", "c.yaml", 11, 24),
    ] == placed(told(tmp_path))
    assert "my web" not in repr(told(tmp_path))


def test_each_document_of_a_file_is_checked(tmp_path: Path) -> None:
    """Two manifests in one file, with `---` between them, are one error, and what is wrong in each of them."""
    first = WHOLE.replace("user-1", "anonymous")
    second = "---\nversion: 1\n" + PROJECT.replace("17", "18").replace("web", "app").replace("eu", "uk").replace("WEB", "APP")
    wrote(tmp_path, {"m.yaml": first + second})

    assert [("MP0412", 14), ("MP0106", 15), ("MP0204", 21)] == [(code, line) for code, _, line, _ in placed(told(tmp_path))]
