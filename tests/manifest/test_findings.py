"""Everything that is wrong is found in one run, and said in words that help."""

from __future__ import annotations

from pathlib import Path

import pytest

from .workspace import HEAD, PROJECT, REQUEST, WHOLE, codes, only, places, read, shown


def test_a_manifest_broken_in_five_places_gives_five_messages(tmp_path: Path) -> None:
    """All findings come in one run, each with its line, its column and something to write instead."""
    text = (
        "version: 1\n"
        "workspace:\n"
        "  timezone: Berlin\n"
        "  credentials: {gdpr_token: {env: GDPR_TOKEN, issued: 2027-03-01}}\n"
        "projects:\n"
        "  web:\n"
        "    id: 17\n"
        "    token: 0123456789abcdef0123456789abcdef\n"
        "    residency: europe\n"
        "    deletions:\n"
        "      r1: {compliance: gdpr, recieved: 2026-11-03, received: 2026-12-01, distinct_ids: []}\n"
    )
    reading = read(tmp_path, text)

    assert [("MP0311", 3, 13), ("MP0314", 4, 55), ("MP0210", 8, 12), ("MP0204", 9, 16), ("MP0201", 11, 30), ("MP0362", 11, 62)] == places(
        reading
    )
    assert all(found.hint for found in reading.diagnostics)


def test_one_fault_does_not_hide_another_below_or_beside_it(tmp_path: Path) -> None:
    """What the schema refuses is set aside, and dates, URLs and paths around it are checked all the same."""
    text = (
        HEAD
        + "projects:\n  web:\n    id: seventeen\n    token: {env: A}\n"
        + "    sso: {postback_url: 'http://mixpanel.com/security/login/1', regoin: eu, confirmed: {by: 7, on: 2026-12-24}}\n"
        + "    deletions:\n      r1:\n        complience: gdpr\n        received: 2026-12-01\n        distinct_ids: user-17\n"
        + "        from:\n        - a.txt\n        - {file: /b.txt}\n        - {file: ../c.txt, colum: x}\n"
    )

    found = codes(read(tmp_path, text))

    assert sorted(
        ["MP0203", "MP0202", "MP0201", "MP0203", "MP0351", "MP0201", "MP0362", "MP0203", "MP0203", "MP0317", "MP0317", "MP0201"]
    ) == sorted(found)


def test_findings_come_in_the_order_of_file_line_and_column(tmp_path: Path) -> None:
    """Findings are sorted, whatever stage made them, and no finding comes twice."""
    reading = read(tmp_path, WHOLE + "        nope: 1\n", HEAD + "nope: 1\n")
    spans = [found.span for found in reading.diagnostics if found.span is not None]

    assert spans == sorted(spans)
    assert len(set(reading.diagnostics)) == len(reading.diagnostics)


def test_a_broken_file_does_not_hide_what_is_wrong_in_another(tmp_path: Path) -> None:
    """Where one manifest doesn't parse, the others are checked; and what would only follow from it isn't said."""
    reading = read(tmp_path, "workspace: [\n", "version: 1\n" + PROJECT.replace("eu", "xx") + REQUEST + "        distinct_ids: []\n")

    assert ["MP0104", "MP0204"] == codes(reading)


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("timezon: UTC", "timezone"),
        ("polcy: {}", "policy"),
        ("Limits: {}", "limits"),
        ("credential: {}", "credentials"),
        ("organisation: {id: 1}", "organization"),
    ],
)
def test_an_unknown_key_is_an_error_with_the_nearest_known_one(tmp_path: Path, written: str, known: str) -> None:
    """A misspelt key is refused, and the hint names the key that was probably meant."""
    found = only(read(tmp_path, HEAD + f"  {written}\n"))

    assert ("MP0201", f"did you mean `{known}`?") == (found.code, found.hint)


def test_an_unknown_key_far_from_all_lists_those_that_are_known(tmp_path: Path) -> None:
    """Where nothing is near, the hint lists what can stand there."""
    assert "known here: credentials, limits, organization, policy, state, timezone" == only(read(tmp_path, HEAD + "  xyz: 1\n")).hint


@pytest.mark.parametrize("key", ["id", "token", "residency"])
def test_id_token_and_residency_are_required(tmp_path: Path, key: str) -> None:
    """A project has an id, a token and a residency; what is missing is named at the project."""
    text = HEAD + "\n".join(line for line in PROJECT.split("\n") if f" {key}:" not in line)
    found = only(read(tmp_path, text))

    assert ("MP0202", "m.yaml:6:3", f"`{key}` is missing") == (found.code, str(found.span), found.message)


def test_all_else_may_be_absent(tmp_path: Path) -> None:
    """A project needs no more than its id, token and residency, and a workspace block needn't be there at all."""
    assert [] == codes(read(tmp_path, "version: 1\n" + PROJECT))


def test_without_received_there_is_no_deadline(tmp_path: Path) -> None:
    """A request without `received` is a warning."""
    found = only(read(tmp_path, WHOLE.replace("        received: 2026-11-03\n", "") + "        distinct_ids: []\n"))

    assert ("MP0361", "warning", "web.deletions.r1") == (found.code, found.severity.value, found.address)


def test_without_issued_there_is_no_expiry(tmp_path: Path) -> None:
    """A GDPR token without `issued` is a warning."""
    found = only(read(tmp_path, HEAD.replace(", issued: 2026-03-01", "")))

    assert ("MP0313", "warning", "m.yaml:4:5") == (found.code, found.severity.value, str(found.span))


def test_a_request_without_any_ids_key_is_an_error(tmp_path: Path) -> None:
    """A request names `distinct_ids` or `from`."""
    assert [("MP0207", 11, 7)] == places(read(tmp_path, WHOLE))


def test_duplicate_keys_are_errors(tmp_path: Path) -> None:
    """A key that stands twice is shown the second time, with the line of the first; what is below it is checked for the same."""
    text = WHOLE + (
        "        distinct_ids: [a]\n"
        "        distinct_ids: [b, [c]]\n"
        "      r1:\n"
        "        compliance: ccpa\n"
        "        compliance: {x: [1, {y: 2}], x: 3}\n"
        "        distinct_ids:\n        - d\n"
        "    id: 18\n"
        "    id: {a: 1}\n"
        "    token: [{}, [], {a: b}]\n"
    )
    reading = read(tmp_path, text)

    assert [15, 15, 16, 18, 18, 21, 22, 23] == [line for _, line, _ in places(reading)]
    assert ["MP0107", "MP0110", "MP0107", "MP0107", "MP0107", "MP0107", "MP0107", "MP0107"] == codes(reading)
    assert "the first is on line 14" in reading.diagnostics[0].message


@pytest.mark.parametrize(
    "line",
    ["  ? [a]\n  : {}\n", "  {a: b}: {}\n", "  *x : {}\n", "  <<: {}\n", "  ? {id: 1, [q]: 2}\n  : {id: 2}\n", "  [a, [b, c]]: [d]\n"],
)
def test_a_key_that_is_no_name_is_an_error_and_reading_goes_on(tmp_path: Path, line: str) -> None:
    """A list, mapping, alias or merge key in a key's place is reported, and what comes after it is still checked."""
    found = codes(read(tmp_path, HEAD.replace("version: 1", "version: &x 1") + PROJECT.replace("eu", "xx") + line))

    assert {"MP0108", "MP0204"} == set(found)


@pytest.mark.parametrize("tag", ["!!int 17", "!Ref x", "!!python/object:os.system {}", "!<tag:x> [a]"])
def test_tags_are_errors(tmp_path: Path, tag: str) -> None:
    """A tag makes no object of anything; it is refused."""
    assert "MP0109" in codes(read(tmp_path, HEAD + PROJECT.replace("17", tag)))


@pytest.mark.parametrize("name", ["web.eu", "-web", "_web", "we b", "wéb", '""', '"web\\n"', "w@b"])
def test_names_have_a_form(tmp_path: Path, name: str) -> None:
    """Names of projects and requests are letters, digits, _ and -, the first a letter or digit."""
    assert "MP0211" == only(read(tmp_path, HEAD + PROJECT.replace("web", name))).code
    assert ["MP0211"] == codes(read(tmp_path, WHOLE.replace("r1", name) + "        distinct_ids: []\n"))


@pytest.mark.parametrize("name", ["1", "2026-11", "null", "W_e-B", "no"])
def test_any_such_name_will_do(tmp_path: Path, name: str) -> None:
    """A name may look like a number, a month or a word of YAML."""
    assert [] == codes(read(tmp_path, WHOLE.replace("r1", name).replace("web", name) + "        distinct_ids: []\n"))


@pytest.mark.parametrize(
    ("was", "now", "code"),
    [
        ("id: 17", "id: '17'", "MP0203"),
        ("id: 17", "id: 17.0", "MP0203"),
        ("id: 17", "id: 0", "MP0205"),
        ("id: 17", "id: 017", "MP0203"),
        ("id: 17", "id: true", "MP0203"),
        ("residency: eu", "residency: EU", "MP0204"),
        ("residency: eu", "residency: [eu]", "MP0203"),
        ("residency: eu", "residency:", "MP0203"),
        ("token: {env: WEB_TOKEN}", "token: {}", "MP0212"),
        ("token: {env: WEB_TOKEN}", "token: {env: A, file: b}", "MP0212"),
        ("token: {env: WEB_TOKEN}", "token:", "MP0212"),
        ("token: {env: WEB_TOKEN}", "token: {env: $A}", "MP0213"),
        ("token: {env: WEB_TOKEN}", "token: {env: 1}", "MP0213"),
        ("token: {env: WEB_TOKEN}", "token: {file: ''}", "MP0209"),
        ("compliance: gdpr", "compliance: GDPR", "MP0204"),
        ("received: 2026-11-03", "received: 2026-11-31", "MP0206"),
        ("received: 2026-11-03", "received: 20261103", "MP0206"),
        ("received: 2026-11-03", "received: 2026-W45-1", "MP0206"),
        ("received: 2026-11-03", 'received: "2026-11-03\\n"', "MP0206"),
        ("received: 2026-11-03", "received: 2026-11-03T00:00:00Z", "MP0206"),
        ("received: 2026-11-03", "not_before: soon\n        received: 2026-11-03", "MP0206"),
        ("received: 2026-11-03", "received: 2026-11-03\n        extension: {notified: 2026-11-20}", "MP0202"),
        ("received: 2026-11-03", "received: 2026-11-03\n        extension: {reason: x, notified: [1]}", "MP0206"),
        ("received: 2026-11-03", "received: 2026-11-03\n        from: {file: a.txt}", "MP0203"),
        ("received: 2026-11-03", "received: 2026-11-03\n        from: [a.txt]", "MP0203"),
        ("received: 2026-11-03", "received: 2026-11-03\n        from: [[{file: a.txt}]]", "MP0203"),
    ],
)
def test_values_of_the_wrong_kind_are_errors(tmp_path: Path, was: str, now: str, code: str) -> None:
    """A value of another type, word, form or size than belongs there gives one finding, with a hint."""
    found = only(read(tmp_path, (WHOLE + "        distinct_ids: []\n").replace(was, now)))

    assert code == found.code
    assert found.hint


@pytest.mark.parametrize("value", ["", "[]", "[a, b]", "text", "17", "{a: }", "{a: []}", "{a: text}"])
def test_projects_that_are_no_mapping_are_errors(tmp_path: Path, value: str) -> None:
    """`projects:` with nothing, a list or text below, or a project that is none of its own, is an error."""
    assert {"MP0203"} == set(codes(read(tmp_path, HEAD + f"projects: {value}\n")))


@pytest.mark.parametrize("value", ["", "[]", "text", "17"])
def test_a_workspace_that_is_no_mapping_is_an_error(tmp_path: Path, value: str) -> None:
    """`workspace:` with nothing, a list or text below is an error."""
    assert ["MP0203"] == codes(read(tmp_path, f"version: 1\nworkspace: {value}\n"))


def test_messages_read_as_the_contract_says(tmp_path: Path) -> None:
    """FILE:LINE:COLUMN, severity, code and what is wrong; the line with a caret; the hint."""
    expected = (
        "m.yaml:9:16: error[MP0204]: this must be one of: us, eu, in\n"
        "  |\n"
        "9 |     residency: uk\n"
        "  |                ^^\n"
        "\n"
        "hint: write the region that the project was created in: us, eu or in; Mixpanel shows it in the project's settings\n"
        "\n"
        "Error: 1 error (MP0204).\n"
    )

    assert expected == shown(read(tmp_path, HEAD + PROJECT.replace("eu", "uk")))
