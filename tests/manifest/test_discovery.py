"""Which files take part, and what becomes of those that can't be read."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from mixpriv_reconcile.manifest.discovery import yaml_files
from mixpriv_reconcile.model.bounds import Bounds
from mixpriv_reconcile.model.diagnostics import Severity

from .workspace import HEAD, PROJECT, WHOLE, codes, only, places, read, wished, wrote

GOOD = HEAD + PROJECT
OTHER = "version: 1\n" + PROJECT.replace("web", "app").replace("17", "18").replace("WEB", "APP")


def test_every_yaml_file_below_the_folder_is_a_manifest(tmp_path: Path) -> None:
    """Manifests may lie in any folder below, and end in .yaml or .yml."""
    wrote(tmp_path, {"a.yaml": GOOD, "teams/app/b.yml": OTHER, "c.YAML": "projects: [", "d.txt": "projects: ["})

    assert {"web", "app"} == set(wished(read(tmp_path)).projects)
    assert ("a.yaml", "teams/app/b.yml") == wished(read(tmp_path)).manifests


@pytest.mark.parametrize(
    "content",
    [
        "apiVersion: v1\nkind: Service\n---\napiVersion: v1\nkind: Pod\n",
        "Resources:\n  A: {Type: !Ref Kind, Value: !Sub ['${x}', {x: !GetAtt a.b}]}\n",
        "version: 2\nupdates: [{package-ecosystem: pip}]\n",
        "version: 1\nrules: {}\n",
        "version: '1'\nprojects: {a: {path: .}}\n",
        "projects: [a, b]\n",
        "workspace: {members: [a]}\n",
        "- 1\n- 2\n",
        "just text\n",
        "",
        "# only a comment\n",
        "---\n---\n",
        "a: *unknown\n",
        "<<: {a: 1}\n{b: c}: d\n",
        "a: 1\na: 2\n",
        "x: " + "[" * 200 + "]" * 200,
    ],
)
def test_other_yaml_is_left_alone(tmp_path: Path, content: str) -> None:
    """YAML of other tools may lie beside manifests, and nothing is said about it."""
    wrote(tmp_path, {"ci/other.yaml": content})

    assert [] == codes(read(tmp_path, GOOD))


def test_hidden_folders_and_files_are_skipped(tmp_path: Path) -> None:
    """What begins with a dot takes no part."""
    wrote(tmp_path, {".github/w.yaml": "projects: [", ".hidden.yaml": "projects: [", "a/.b/c.yaml": "projects: ["})

    assert [] == codes(read(tmp_path, GOOD))


@pytest.mark.parametrize("lines", ["drafts/\n", "drafts\n", "*.yaml\n!m.yaml\n", "\ufeffdrafts/\r\n", "# note\n\n/drafts/**\n"])
def test_the_ignore_file_is_honoured(tmp_path: Path, lines: str) -> None:
    """What .mixprivignore names, in gitignore's syntax, takes no part."""
    wrote(tmp_path, {"drafts/a.yaml": "projects: [", ".mixprivignore": lines})

    assert [] == codes(read(tmp_path, GOOD))


@pytest.mark.parametrize("line", ["!", "\\"])
def test_a_line_of_the_ignore_file_that_means_nothing_is_an_error(tmp_path: Path, line: str) -> None:
    """A pattern that can't be read is shown by its line, for it was meant to hide something."""
    wrote(tmp_path, {".mixprivignore": f"drafts/\n{line}\n"})

    found = only(read(tmp_path, GOOD))

    assert ("MP0118", ".mixprivignore:2:1") == (found.code, str(found.span))


def test_an_ignore_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """An ignore file that is a folder isn't passed over."""
    (tmp_path / ".mixprivignore").mkdir()

    assert ["MP0118"] == codes(read(tmp_path, GOOD))


def test_no_manifest_at_all_is_an_error(tmp_path: Path) -> None:
    """A folder without a manifest is probably the wrong one, and the hint says what to do."""
    found = only(read(tmp_path))

    assert "MP0101" == found.code
    assert "mixpriv init" in found.hint


@pytest.mark.parametrize("line", ["projects:", "workspace:", "projects :", "workspace: {"])
def test_yaml_that_does_not_parse_is_an_error_in_a_manifest(tmp_path: Path, line: str) -> None:
    """A broken file with a line that starts with `projects:` or `workspace:` is an error."""
    wrote(tmp_path, {"b.yaml": f"a: 1\n{line}\n  - [\n"})
    found = only(read(tmp_path, GOOD))

    assert ("MP0104", Severity.ERROR) == (found.code, found.severity)


@pytest.mark.parametrize("content", ["a: [\n", "  projects: [\n", "{{- if .x }}\nb: {{ .y }}\n", "x:\n\ty: 1\n"])
def test_yaml_that_does_not_parse_is_else_a_warning(tmp_path: Path, content: str) -> None:
    """A broken file that doesn't look like a manifest is a warning, and the rest goes on."""
    wrote(tmp_path, {"b.yaml": content})
    reading = read(tmp_path, GOOD)

    assert [Severity.WARNING] == [found.severity for found in reading.diagnostics]
    assert reading.desired is not None


@pytest.mark.parametrize("content", ["a: [\n", b"a: \xff\n"])
def test_a_broken_file_that_the_state_remembers_is_an_error(tmp_path: Path, content: str | bytes) -> None:
    """A file that gave something to the state before can't break unnoticed: its requests would look withdrawn."""
    wrote(tmp_path, {"b.yaml": content})
    reading = read(tmp_path, GOOD, remembered=frozenset({"b.yaml"}))

    assert [Severity.ERROR] == [found.severity for found in reading.diagnostics]
    assert reading.desired is None


def test_several_documents_in_a_manifest_are_an_error(tmp_path: Path) -> None:
    """A manifest is one document; the place of the second one is shown, whichever of them is the manifest."""
    assert [("MP0106", 5, 1)] == places(read(tmp_path, HEAD + "---\na: 1\n"))
    assert [("MP0106", 2, 1)] == places(read(tmp_path, "a: 1\n---\n" + HEAD))


def test_one_document_may_begin_and_end_with_its_marks(tmp_path: Path) -> None:
    """`---` at the top and `...` at the end do no harm."""
    assert [] == codes(read(tmp_path, "# note\n---\n" + GOOD + "...\n"))


def test_a_file_that_is_not_utf8_shows_where(tmp_path: Path) -> None:
    """A byte that isn't UTF-8 is shown by line and column, in characters."""
    found = read(tmp_path, b"projects:\r\n  \xc3\xa4\xff: {}\n").diagnostics[0]

    assert ("MP0114", "m.yaml:2:4", Severity.ERROR) == (found.code, str(found.span), found.severity)


def test_utf16_is_named(tmp_path: Path) -> None:
    """A manifest in UTF-16, as some editors write it, is an error that says so."""
    found = read(tmp_path, GOOD.encode("utf-16")).diagnostics[0]

    assert ("MP0114", "this file is UTF-16", Severity.ERROR) == (found.code, found.message, found.severity)


def test_a_link_that_leaves_the_workspace_is_not_followed(tmp_path: Path) -> None:
    """A symbolic link to a manifest elsewhere, or in a circle, is a warning; one within the workspace is read."""
    root = wrote(tmp_path / "w", {"m.yaml": HEAD, "kept/.p": PROJECT})
    wrote(tmp_path, {"outside.yaml": OTHER})
    (root / "out.yaml").symlink_to(tmp_path / "outside.yaml")
    (root / "circle.yaml").symlink_to(root / "circle.yaml")
    (root / "nowhere.yaml").symlink_to(root / "nowhere")
    (root / "folder").symlink_to(tmp_path)
    wrote(root, {"kept/.p": "version: 1\n" + PROJECT})
    (root / "p.yaml").symlink_to(root / "kept/.p")
    reading = read(root)

    assert ["MP0115"] * 3 == codes(reading)
    assert {"web"} == set(wished(reading).projects)


def test_a_pipe_does_not_hang_it(tmp_path: Path) -> None:
    """What is no regular file is a warning."""
    os.mkfifo(tmp_path / "pipe.yaml")

    assert ["MP0115"] == codes(read(tmp_path, GOOD))


def test_a_folder_that_ends_in_yaml_is_a_folder(tmp_path: Path) -> None:
    """A folder's name doesn't make it a file."""
    wrote(tmp_path, {"x.yaml/m.yaml": OTHER})

    assert {"web", "app"} == set(wished(read(tmp_path, GOOD)).projects)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_what_may_not_be_read_is_said(tmp_path: Path) -> None:
    """A folder or file without permission is a warning, and an error where the state knows it."""
    wrote(tmp_path, {"a/b.yaml": OTHER, "c.yaml": OTHER})
    (tmp_path / "a").chmod(0)
    (tmp_path / "c.yaml").chmod(0)
    try:
        plain, known = read(tmp_path, GOOD), read(tmp_path, GOOD, remembered=frozenset({"a/b.yaml", "c.yaml"}))
    finally:
        (tmp_path / "a").chmod(0o700)

    assert [Severity.WARNING] * 2 == [found.severity for found in plain.diagnostics]
    assert [Severity.ERROR] * 2 == [found.severity for found in known.diagnostics]


def test_folders_may_be_nested_deeply(tmp_path: Path) -> None:
    """A thousand folders in each other don't end the program."""
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1200):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)

    found = yaml_files(wrote(tmp_path, {"m.yaml": GOOD}))
    subprocess.run(["rm", "-rf", tmp_path / "d"], check=True)  # deeper than Python itself can remove

    assert ("m.yaml",) == found


def test_a_name_that_is_not_utf8_is_said(tmp_path: Path) -> None:
    """A file whose name isn't UTF-8 is a warning that can be printed."""
    (tmp_path / os.fsdecode(b"\xff.yaml")).write_text(OTHER)
    found = only(read(tmp_path, GOOD))

    assert ("MP0115", "\ufffd.yaml:1:1") == (found.code, str(found.span))


@pytest.mark.parametrize("version", ['"1"', "1.0", "2", "true", "~", "v1"])
def test_another_version_is_refused(tmp_path: Path, version: str) -> None:
    """What is a manifest in all but its version is an error at the version, never left out quietly."""
    found = only(read(tmp_path, WHOLE.replace("version: 1", f"version: {version}")))

    assert ("MP0208", "m.yaml:1", Severity.ERROR) == (found.code, str(found.span).rpartition(":")[0], found.severity)


@pytest.mark.parametrize(
    "content", [OTHER.replace("version: 1\n", ""), OTHER.replace("projects", "project"), OTHER.replace("version", "Version")]
)
def test_what_only_looks_like_a_manifest_is_a_warning(tmp_path: Path, content: str) -> None:
    """A file with a project in it that isn't read, for its version or the key above is missing or misspelt, is named."""
    wrote(tmp_path, {"b.yaml": content})
    found = only(read(tmp_path, GOOD))

    assert ("MP0116", Severity.WARNING) == (found.code, found.severity)


def test_a_large_manifest_is_refused(tmp_path: Path) -> None:
    """A manifest above the bound is an error that names the variable; other YAML of any size is left alone."""
    bounds = Bounds(manifest_bytes=len(GOOD.encode()))
    wrote(tmp_path, {"big.yaml": "a: 1\n" * 200})

    assert [] == codes(read(tmp_path, GOOD, bounds=bounds))
    found = read(tmp_path, GOOD + "\n", bounds=bounds).diagnostics[0]
    assert "MP0113" == found.code
    assert "MIXPRIV_MAX_MANIFEST_BYTES" in found.hint


@pytest.mark.parametrize(
    ("pattern", "line"),
    [
        ("*a" * 20 + "b", 2),
        ("**/*a*a*a*b", 2),
        ("*a*a*b", 2),
        ("**/a*a/**/*b", 2),
        ("x/" + "?*" * 5 + "b", 2),
        ("/".join(["**", "a"] * 20), 2),
        ("/**/a/**/a/**/a", 2),
        ("*" + "a" * 30 + "*" + "a" * 30, 2),
        ("a\n" * 1000 + "b", 1001),
        ("*a*b\n" * 11, 12),
    ],
)
def test_an_ignore_file_that_would_take_for_ever(tmp_path: Path, pattern: str, line: int) -> None:
    """Patterns that take for ever to match one long name, or thousands of them, are an error and aren't tried."""
    name = "a" * 200
    wrote(tmp_path, {".mixprivignore": f"kept.yaml\n{pattern}\n", f"{name}.yaml": "a: 1\n", "/".join(["a"] * 60) + "/c.yaml": "a: 1\n"})
    found = [found for found in read(tmp_path, HEAD).diagnostics if found.code == "MP0118"]

    assert [(line, Severity.ERROR)] == [(one.span.line, one.severity) for one in found if one.span is not None]


def test_a_thousand_patterns_are_allowed(tmp_path: Path) -> None:
    """Exactly 1,000 patterns are within the bound; blank lines and comments are none."""
    wrote(tmp_path, {".mixprivignore": "# ours\n\n" + "a\n" * 999 + "broken.yaml\n", "broken.yaml": "projects: ["})

    assert [] == codes(read(tmp_path, HEAD))


@pytest.mark.parametrize("patterns", ["**/*.draft.yaml\n", "*draft*\n", "draft*/**\n", "/drafts/**\n"])
def test_plain_patterns_with_a_wildcard_are_allowed_by_the_hundred(tmp_path: Path, patterns: str) -> None:
    """The bounds are for what is slow to match; the patterns of everyday ignore files may stand there in any number."""
    wrote(tmp_path, {".mixprivignore": patterns * 500 + "broken.yaml\n", "broken.yaml": "projects: ["})

    assert [] == codes(read(tmp_path, HEAD))


@pytest.mark.parametrize("pattern", ["**/drafts/**/*.yaml", "/**/old/**/x", "*a*b", "!**/*a*b/c", "*" + "a" * 29 + "*" + "b" * 29])
def test_the_slowest_patterns_are_allowed_ten_times(tmp_path: Path, pattern: str) -> None:
    """Exactly ten patterns with several wildcards are within the bound."""
    wrote(tmp_path, {".mixprivignore": f"{pattern}\n" * 10 + "broken.yaml\n", "broken.yaml": "projects: ["})

    assert [] == codes(read(tmp_path, HEAD))


def test_an_ignore_file_of_more_than_64_kib_is_refused(tmp_path: Path) -> None:
    """An ignore file of exactly 64 KiB is read; one byte more is an error."""
    (tmp_path / ".mixprivignore").write_text("#" * (2**16 - 1) + "\n")
    assert [] == codes(read(tmp_path, GOOD))

    (tmp_path / ".mixprivignore").write_text("#" * 2**16 + "\n")
    assert ["MP0118"] == codes(read(tmp_path))


def test_folders_a_hundred_deep_are_looked_into(tmp_path: Path) -> None:
    """A manifest below exactly 100 folders is read; a folder deeper than that is named and not looked into."""
    deepest = "/".join(["d"] * 100)
    wrote(tmp_path, {f"{deepest}/m.yaml": GOOD, f"{deepest}/d/broken.yaml": "projects: ["})
    found = only(read(tmp_path))

    assert ("MP0115", f"{deepest}/d", Severity.WARNING) == (found.code, found.span and found.span.file, found.severity)


def test_a_chain_of_links_without_end(tmp_path: Path) -> None:
    """A chain of a thousand links, or a circle of two, is told and nothing hangs or crashes."""
    for number in range(1100):
        (tmp_path / f"l{number}.{'yaml' if number == 0 else 'x'}").symlink_to(f"l{number + 1}.x")
    (tmp_path / "circle.yaml").symlink_to("circle.x")
    (tmp_path / "circle.x").symlink_to("circle.yaml")
    reading = read(tmp_path, HEAD + PROJECT)

    assert [("circle.yaml", "MP0115"), ("l0.yaml", "MP0115")] == [(str(one.span).split(":")[0], one.code) for one in reading.diagnostics]
