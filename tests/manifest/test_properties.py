"""Whatever is in a file, the answer is findings with places in that file, and never a crash."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from mixpriv_reconcile.manifest.lines import lines_of

from .test_merge import RICH
from .workspace import WHOLE, everything, read, wrote

GOOD = [RICH, WHOLE + "        distinct_ids: [a, 'b', \"c\", &x d, 007]\n      r2: {compliance: ccpa, distinct_ids: [😀]}\n"]
PIECES = [
    ":",
    "- ",
    "\n",
    "\t",
    "{",
    "}",
    "[",
    "]",
    "'",
    '"',
    "#",
    "&a ",
    "*a",
    "!x ",
    "|\n",
    ">-\n",
    "? ",
    "<<: ",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "~",
    "😀",
    "\x85",
    "\u2028",
]
PIECES += [
    "\r",
    "\r\n",
    "\ufeff",
    "\\ud800",
    "\x00",
    "\x0b",
    "\x7f",
    "distinct_ids: ",
    "distinct_ids:\n",
    "from: ",
    "deletions: ",
    "1e5",
    "  ",
    "    ",
    "projects:\n",
    "workspace: ",
]
PIECES += ["allow_placeholder_ids: [", "version: 1\n", "token: x\n", "null", "2026-11-03"]

quiet = settings(deadline=None, max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good manifest after a few cuts, copies and insertions."""
    text = draw(st.sampled_from(GOOD))
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        match draw(st.integers(0, 3)):
            case 0:
                text = text[:start] + text[end:]
            case 1:
                text = text[:start] + draw(st.sampled_from(PIECES)) + text[start:]
            case 2:
                text = text[:start] + text[start:end] + text[start:]
            case _:
                text = text[:start] + draw(st.text(max_size=4).filter(lambda added: added.isprintable())) + text[end:]
    return text


def assert_sound(root: Path, content: bytes) -> None:
    """Reading *content* ends, its findings lie in the file, and the lines shown are as long as those of the file."""
    reading = read(root, content)

    assert (reading.desired is None) == any(found.is_error for found in reading.diagnostics)
    assert everything(reading)
    try:
        lines = lines_of(content.decode("utf-8").lstrip("\ufeff"))
    except UnicodeDecodeError:
        lines = lines_of(content.decode("utf-8", "replace"))
    for found in reading.diagnostics:
        assert found.message
        assert found.hint
        if found.span is None:
            continue
        assert 1 <= found.span.line <= len(lines)
        line = lines[found.span.line - 1]
        assert 1 <= found.span.column <= len(line) + 1
        assert found.span.length >= 1
        assert found.span.column + found.span.length <= max(len(line), found.span.column) + 1
        if found.excerpt:
            assert len(line) == len(found.excerpt)
            assert all(shown in (char, "•") for shown, char in zip(found.excerpt, line, strict=True))


@quiet
@given(st.binary(max_size=200))
@example(b"")
@example(b"\xff\xfe")
@example(b"\x00")
@example("projects:\n\ufeff  a: b: c".encode())
@example(b"projects: {a: &a {b: *a}}")
@example(b"version: 1\nprojects:\n  ? \n  : \n")
@example(b"version: 1\nprojects:\n- \n-\n")
@example(b'version: 1\nprojects: {a: {deletions: {b: {distinct_ids: ["\\ud800"]}}}}\n')
def test_any_bytes_give_findings_and_no_crash(tmp_path: Path, content: bytes) -> None:
    """Random bytes are answered by findings."""
    assert_sound(tmp_path, content)


@quiet
@given(st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_any_pieces_of_yaml_give_findings_and_no_crash(tmp_path: Path, text: str) -> None:
    """Random pieces of YAML are answered by findings."""
    assert_sound(tmp_path, ("version: 1\nprojects:\n  a: " + text).encode())


@quiet
@given(mutated())
def test_any_mutated_manifest_gives_findings_and_no_crash(tmp_path: Path, text: str) -> None:
    """A manifest after any slips of the keyboard is answered by findings whose places lie in it."""
    assert_sound(tmp_path, text.encode("utf-8", "replace"))


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(st.binary(max_size=60))
def test_any_ignore_file_gives_findings_and_no_crash(tmp_path: Path, content: bytes) -> None:
    """Random bytes in .mixprivignore are answered by findings."""
    wrote(tmp_path, {".mixprivignore": content})
    reading = read(tmp_path, RICH)

    assert all(found.hint for found in reading.diagnostics)
    assert everything(reading)


WRONG = st.sampled_from(["nope: 1", "residency: europe", "id: x", "data_groups: -1", "token: s3cret", "sso: 7", "deletions: []", "sso: {}"])


@quiet
@given(
    st.lists(WRONG, min_size=1, max_size=5, unique_by=lambda line: line.partition(":")[0]),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.integers(0, 5),
)
def test_every_span_contains_the_offending_text(tmp_path: Path, wrong: list[str], end: str, in_flow: bool, blank: int) -> None:
    """However a manifest is laid out, a finding's span holds the key or value that is wrong, or the key that lacks something."""
    rest = [
        line
        for line in ("id: 17", "token: {env: A}", "residency: eu")
        if line.partition(":")[0] not in {one.partition(":")[0] for one in wrong}
    ]
    lines = [*rest, *wrong]
    body = "  😀: {" + ", ".join(lines) + "}\n" if in_flow else "  web:\n" + "".join("    " + line + "\n" for line in lines)
    text = ("version: 1\n" + "\n" * blank + "projects:\n" + body.replace("😀", "web")).replace("\n", end)
    reading = read(tmp_path, text)
    spans = set()
    for found in reading.diagnostics:
        assert found.span is not None
        line = lines_of(text)[found.span.line - 1]
        spans.add(line[found.span.column - 1 : found.span.column - 1 + found.span.length])
    expected = {line.partition(": ")[0 if line == "nope: 1" or line == "sso: {}" else 2] for line in wrong}

    assert {text[:1] if text.startswith("[") else text for text in expected} == spans
