from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from mixpriv_reconcile.ids.sources import Format, expand

from .workshop import entry, errors, printed, read


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("user-1\n")


def paths(root: Path, *patterns: str, base: str = "") -> list[str]:
    files, wrong = expand(root, [entry(pattern, base=base) for pattern in patterns])
    assert wrong == ()
    return [file.path for file in files]


def test_globs(tmp_path: Path) -> None:
    """Globs work as in a shell, in an order that the disk has no say in, and leave hidden files alone."""
    touch(tmp_path, "b.txt", "a.txt", "a1.txt", ".hidden.txt", "sub/c.txt", "sub/deep/d.txt", ".git/e.txt")
    assert paths(tmp_path, "*.txt") == ["a.txt", "a1.txt", "b.txt"]
    assert paths(tmp_path, "?.txt") == ["a.txt", "b.txt"]
    assert paths(tmp_path, "a[0-9].txt") == ["a1.txt"]
    assert paths(tmp_path, "**/*.txt") == ["a.txt", "a1.txt", "b.txt", "sub/c.txt", "sub/deep/d.txt"]
    assert paths(tmp_path, "sub/**") == ["sub/c.txt", "sub/deep/d.txt"]
    assert paths(tmp_path, "**/deep/d.txt") == ["sub/deep/d.txt"]
    assert paths(tmp_path, "s*/*.txt") == ["sub/c.txt"]
    assert paths(tmp_path, ".hid*.txt") == [".hidden.txt"]


def test_relative_to_the_manifest(tmp_path: Path) -> None:
    """Paths start at the manifest's folder, and may climb as long as they stay in the workspace."""
    touch(tmp_path, "a.txt", "team/b.txt")
    assert paths(tmp_path, "b.txt", base="team") == ["team/b.txt"]
    assert paths(tmp_path, "../a.txt", base="team") == ["a.txt"]


def test_read_once(tmp_path: Path) -> None:
    """A file that several entries name, by whatever path, is read once."""
    touch(tmp_path, "a.txt", "b.txt")
    (tmp_path / "c.txt").symlink_to("a.txt")
    assert paths(tmp_path, "b.txt", "*.txt", "./a.txt", "c.txt") == ["b.txt", "a.txt"]


def test_formats(tmp_path: Path) -> None:
    """The extension says how a file is read, packed or not."""
    touch(tmp_path, "a.txt", "b.CSV", "c.ndjson", "d.jsonl.gz")
    files, wrong = expand(tmp_path, [entry("a.txt"), entry("b.CSV", column="id"), entry("[cd].*", field="uid")])
    assert wrong == ()
    forms = [(Format.TEXT, False, None), (Format.CSV, False, "id"), (Format.NDJSON, False, "uid"), (Format.NDJSON, True, "uid")]
    assert forms == [(file.format, file.gzip, file.selector) for file in files]


@pytest.mark.parametrize(
    ("code", "pattern", "column", "field"),
    [
        ("MP0401", "absent.txt", None, None),
        ("MP0401", "", None, None),
        ("MP0401", "dangling.txt", None, None),
        ("MP0402", "absent*.txt", None, None),
        ("MP0402", "folder*", None, None),
        ("MP0403", "/etc/hosts.txt", None, None),
        ("MP0403", "../outside.txt", None, None),
        ("MP0403", "sub/../../outside.txt", None, None),
        ("MP0403", "link.txt", None, None),
        ("MP0403", "link*.txt", None, None),
        ("MP0403", "away/outside.txt", None, None),
        ("MP0404", "folder.txt", None, None),
        ("MP0404", "fifo.txt", None, None),
        ("MP0404", "fif*.txt", None, None),
        ("MP0404", "socket.txt", None, None),
        ("MP0405", "notes.md", None, None),
        ("MP0405", "plain", None, None),
        ("MP0405", "packed.gz", None, None),
        ("MP0406", "a.csv", None, None),
        ("MP0406", "a.jsonl", None, None),
        ("MP0407", "a.csv", None, "id"),
        ("MP0407", "a.txt", "id", None),
        ("MP0407", "a.txt", None, "id"),
        ("MP0407", "a.jsonl", "id", "id"),
    ],
)
def test_what_is_no_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, pattern: str, column: str, field: str) -> None:
    """What isn't a readable list of ids inside the workspace is refused where the manifest names it, without opening it."""
    root = tmp_path / "workspace"
    touch(root, "notes.md", "plain", "packed.gz", "a.csv", "a.jsonl", "a.txt", "sub/b.txt")
    touch(tmp_path, "outside.txt")
    (root / "folder.txt").mkdir()
    (root / "dangling.txt").symlink_to("nowhere.txt")
    (root / "link.txt").symlink_to(tmp_path / "outside.txt")
    (root / "away").symlink_to(tmp_path)
    os.mkfifo(root / "fifo.txt")
    monkeypatch.chdir(root)  # a socket's path is short only relatively
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket.txt")
        found = read(root, entry(pattern, column=column, field=field))
    assert [f"{code} manifest.yaml:7:9"] == errors(found)
    assert found.diagnostics[0].address == "web-eu.deletions.2026-11-forgotten"


def test_devices_are_refused(tmp_path: Path) -> None:
    """A device is refused, not read without end."""
    try:
        os.mknod(tmp_path / "zero.txt", 0o600 | 0o020000, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("only root makes devices")
    assert errors(read(tmp_path, entry("zero.txt"))) == ["MP0404 manifest.yaml:7:9"]


def test_link_within_the_workspace(tmp_path: Path) -> None:
    """A link that stays inside the workspace is followed, also from a workspace that is itself reached by a link."""
    touch(tmp_path, "real/sub/a.txt")
    (tmp_path / "real" / "b.txt").symlink_to("sub/a.txt")
    (tmp_path / "root").symlink_to("real")
    found = read(tmp_path / "root", entry("b.txt"))
    assert (errors(found), found.ids.count) == ([], 1)
    assert list(found.origins.raw_ids(found.ids.digests)) == ["user-1"]


def test_circles_of_links_end(tmp_path: Path) -> None:
    """`**` doesn't follow links to folders, which could lead in circles."""
    touch(tmp_path, "sub/a.txt")
    (tmp_path / "sub" / "again").symlink_to(tmp_path)
    assert paths(tmp_path, "**/*.txt") == ["sub/a.txt"]


def test_names_that_cannot_be_printed(tmp_path: Path) -> None:
    """A file whose name isn't UTF-8 is refused, and a message can be printed whatever the name."""
    (tmp_path / os.fsdecode(b"\xff.txt")).write_text("user-1\n")
    found = read(tmp_path, entry("*.txt"))
    assert errors(found) == ["MP0409 manifest.yaml:7:9"]
    found.diagnostics[0].message.encode()


def test_all_are_reported(tmp_path: Path) -> None:
    """One bad source doesn't hide another."""
    touch(tmp_path, "a.txt")
    found = read(tmp_path, entry("absent.txt"), entry("a.txt"), entry("*.csv", column="id"))
    assert (errors(found), found.ids.count) == (["MP0401 manifest.yaml:7:9", "MP0402 manifest.yaml:7:9"], 1)


@pytest.mark.parametrize("pattern", ["away/*.txt", "away/**/*.txt", "away/**", "away/deep/*.txt"])
def test_a_glob_does_not_look_outside(tmp_path: Path, pattern: str) -> None:
    """Behind a link that leaves the workspace nothing is listed, so that no name from there is ever shown."""
    root = tmp_path / "workspace"
    touch(root, "a.txt")
    touch(tmp_path, "outside/payroll.txt", "outside/deep/payroll.txt")
    (root / "away").symlink_to(tmp_path / "outside")
    found = read(root, entry(pattern))

    assert errors(found) == ["MP0403 manifest.yaml:7:9"]
    assert "payroll" not in printed(found)


def test_a_folder_that_leads_away_has_no_part_in_a_wildcard(tmp_path: Path) -> None:
    """A link out of the workspace that a wildcard happens to match is passed over."""
    root = tmp_path / "workspace"
    touch(root, "team/a.txt")
    touch(tmp_path, "outside/payroll.txt")
    (root / "away").symlink_to(tmp_path / "outside")

    assert paths(root, "*/*.txt") == ["team/a.txt"]


@pytest.mark.parametrize("target", ["/etc/hostname", "/etc/there-is-no-such-file", "../outside.txt"])
def test_what_there_is_outside_is_not_told(tmp_path: Path, target: str) -> None:
    """A link out of the workspace is refused alike, whether there is something at its end or not."""
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "a.txt").symlink_to(target)

    assert errors(read(root, entry("a.txt"))) == ["MP0403 manifest.yaml:7:9"]


@pytest.fixture
def abyss(tmp_path: Path) -> Iterator[Path]:
    """A folder with `a.txt` 1,100 folders below it, which is taken down step by step: no library gets so deep."""
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(1100):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("a.txt", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    yield tmp_path
    os.unlink("a.txt", dir_fd=here)
    for _ in range(1100):
        above = os.open("..", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = above
        os.rmdir("d", dir_fd=here)
    os.close(here)


def test_a_file_deeper_than_any_stack(abyss: Path) -> None:
    """`**` finds a file below more folders than the interpreter could call itself."""
    assert ["d/" * 1100 + "a.txt"] == paths(abyss, "**/*.txt")


def test_a_chain_of_links_without_end(tmp_path: Path) -> None:
    """A chain of a thousand links, or a circle of two, is an error and no crash."""
    for number in range(1100):
        (tmp_path / f"l{number}.txt").symlink_to(f"l{number + 1}.txt")
    (tmp_path / "l1100.txt").symlink_to("circle.txt")
    (tmp_path / "circle.txt").symlink_to("l1100.txt")

    assert errors(read(tmp_path, entry("l0.txt"))) == ["MP0403 manifest.yaml:7:9"]
    assert errors(read(tmp_path, entry("circle.txt"))) == ["MP0408 manifest.yaml:7:9"]
