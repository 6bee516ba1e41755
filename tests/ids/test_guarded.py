"""What is no list of ids is never read as one, for what is read is sent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mixpriv_reconcile.ids.guarded import guarding
from mixpriv_reconcile.ids.sources import expand

from .workshop import entry, errors


def found(root: Path, pattern: str) -> list[str]:
    """What is wrong with the source *pattern* where `secret.txt` and the folder `state.d` are guarded."""
    guarded = guarding(root, [("secret.txt", "a secret"), ("absent.txt", "nothing")], ["state.d", "absent.d"])
    _, wrong = expand(root, [entry(pattern)], guarded)
    return errors(wrong)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with a guarded file and folder, and ways to them."""
    for name in ("secret.txt", "ids.txt", "state.d/journal.txt", ".git/config.txt", "sub/.mixpriv/spool.txt", "sub/ids.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("user-1\n")
    (tmp_path / "link.txt").symlink_to("secret.txt")
    (tmp_path / "chain.txt").symlink_to("link.txt")
    os.link(tmp_path / "secret.txt", tmp_path / "hard.txt")
    (tmp_path / "folder").symlink_to("state.d")
    (tmp_path / "git").symlink_to(".git")
    return tmp_path


@pytest.mark.parametrize(
    "pattern",
    [
        "secret.txt", "./sub/../secret.txt", "s*.txt", "link.txt", "chain.txt", "hard.txt", "har?.txt",
        "state.d/journal.txt", "state.d/*", "folder/journal.txt", "folder/*.txt",
        ".git/config.txt", ".git/*", "git/*.txt", "sub/.mixpriv/spool.txt",
    ],
)  # fmt: skip
def test_a_guarded_file_is_no_source(root: Path, pattern: str) -> None:
    """A secret, the state and version control's own files are refused by whatever name, glob or link they are reached."""
    assert found(root, pattern) == ["MP0443 manifest.yaml:7:9"]


@pytest.mark.parametrize("pattern", ["ids.txt", "sub/*.txt"])
def test_other_files_beside_it_are_sources(root: Path, pattern: str) -> None:
    """What isn't guarded is read as before."""
    assert found(root, pattern) == []


def test_the_message_says_what_it_is(root: Path) -> None:
    """Who named the file by mistake learns what it is."""
    _, (wrong,) = expand(root, [entry("chain.txt")], guarding(root, [("secret.txt", "the digest key")], []))

    assert "chain.txt is the digest key, not a list of ids" == wrong.message


@pytest.mark.parametrize("target", [".env", "token", "deploy.key", "ids.csv", "ids.txt.gz"])
def test_a_link_to_a_file_of_another_kind(tmp_path: Path, target: str) -> None:
    """A link whose name says something else than its target's is refused: the target may be anything."""
    (tmp_path / target).write_text("hunter2\n")
    (tmp_path / "ids.txt").symlink_to(target)
    _, wrong = expand(tmp_path, [entry("ids.txt")])

    assert errors(wrong) == ["MP0444 manifest.yaml:7:9"]
