"""Opt-outs: rendered to a file that is written, replaced where it is ours, and never written over where it isn't."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mixpriv_reconcile.ids.sets import from_unsorted
from mixpriv_reconcile.kinds.opt_outs import KIND
from mixpriv_reconcile.model.address import Address
from mixpriv_reconcile.model.diagnostics import Severity, SourceSpan
from mixpriv_reconcile.model.files import FileSeen, Origin
from mixpriv_reconcile.model.ids import IdSet, IdSources
from mixpriv_reconcile.model.plan import Action, Change, WriteList
from mixpriv_reconcile.model.regions import Region
from mixpriv_reconcile.model.resource import OptOutSpec, Resource
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.situation import Situation
from mixpriv_reconcile.model.state import OptOutRecord, State
from mixpriv_reconcile.model.workspace import Project, Workspace

from .building import TODAY, block

ADDRESS = Address("web", "opt_outs")
PATH = "server/opt-outs.json"
OURS, OTHERS = "a" * 64, "b" * 64


def ids(*numbers: int) -> IdSet:
    return from_unsorted(b"".join(number.to_bytes(16, "big") for number in numbers))


def record(wanted: IdSet, *, path: str = PATH, digest: str = "none", project_id: int = 4242) -> OptOutRecord:
    """The memory of a list that was written with these ids."""
    return OptOutRecord(
        "opt_outs", "web", project_id, path, digest, wanted.count, wanted.sha256, 100, OURS, datetime(2026, 11, 1, tzinfo=UTC)
    )


def change(
    wanted: IdSet, known: OptOutRecord | None = None, seen: tuple[str, Origin] | None = None, digest: str = "none"
) -> Change | None:
    """What to do where the manifest opts *wanted* out, *known* is remembered and *seen* (its hash, its origin) is on disk."""
    records = {} if known is None else {str(ADDRESS): known}
    files = {} if seen is None else {PATH: FileSeen(PATH, 100, *seen)}
    return KIND.diff(
        Situation(
            ADDRESS,
            Resource(ADDRESS, OptOutSpec(IdSources(), PATH, digest), SourceSpan("privacy.yaml", 9, 5)),
            Project("web", 4242, SecretRef(env="TOKEN"), Region.EU),
            Workspace(),
            ids=wanted,
            state=State("lineage-1", 1, "0.1.0", records=records),
            today=TODAY,
            cap=2000,
            files=files,
        )
    )


BOTH = ids(1, 2)


@pytest.mark.parametrize(
    ("known", "seen", "action", "reasons"),
    [
        (None, None, Action.CREATE, ("write",)),
        (None, (OURS, Origin.OURS), Action.UPDATE, ("file_changed",)),
        (record(BOTH), None, Action.CREATE, ("file_missing",)),
        (record(BOTH), (OTHERS, Origin.OURS), Action.UPDATE, ("file_changed",)),
        (record(ids(1)), (OURS, Origin.OURS), Action.UPDATE, ("ids_changed",)),
        (record(BOTH, digest="sha256"), (OURS, Origin.OURS), Action.UPDATE, ("settings_changed",)),
        (record(BOTH, project_id=1), (OURS, Origin.OURS), Action.UPDATE, ("settings_changed",)),
        (record(BOTH, path="old.json"), None, Action.UPDATE, ("settings_changed",)),
        (record(ids(1), digest="sha256"), (OTHERS, Origin.OURS), Action.UPDATE, ("settings_changed", "ids_changed", "file_changed")),
    ],
)
def test_the_list_is_written_where_it_is_not_what_it_should_be(
    known: OptOutRecord | None, seen: tuple[str, Origin] | None, action: Action, reasons: tuple[str, ...]
) -> None:
    """A list that is missing, of other ids, of another form or changed is written, and the reason is said; nothing is sent for it."""
    made = change(BOTH, known, seen)
    assert made is not None
    assert ((action,), reasons, 0, 0) == (made.actions, made.reasons, made.requests, made.subjects)
    assert (WriteList(BOTH, PATH, "none", None if seen is None else seen[0]),) == made.steps
    assert {"write_to": PATH, "digest": "none", "count": 2} == made.after


def test_a_list_that_is_as_it_should_be_is_no_change() -> None:
    """The file that was written last, with the ids that are declared, is left alone."""
    assert change(BOTH, record(BOTH), (OURS, Origin.OURS)) is None


@pytest.mark.parametrize(("origin", "code"), [(Origin.OTHER, "MP0650"), (Origin.EDITED, "MP0651")])
@pytest.mark.parametrize("known", [None, record(BOTH)])
def test_what_the_program_did_not_write_is_never_written_over(origin: Origin, code: str, known: OptOutRecord | None) -> None:
    """Somebody's own file, or a list that somebody edited, is an error that no apply passes over."""
    made = change(BOTH, known, (OTHERS, origin))
    assert made is not None
    assert ((Action.NO_OP,), ("conflict",), ()) == (made.actions, made.reasons, made.steps)
    assert [(code, Severity.ERROR)] == [(note.code, note.severity) for note in made.notes]


def test_a_list_that_moves_leaves_the_old_file_with_a_note() -> None:
    """A server may still read the old path, so that the file stays, and the plan names it."""
    made = change(BOTH, record(BOTH, path="old.json"))
    assert made is not None
    (note,) = made.notes
    assert ("MP0652", Severity.NOTE) == (note.code, note.severity)
    assert "old.json" in note.message


@pytest.mark.parametrize(
    ("known", "codes"), [(None, ["MP0655"]), (record(BOTH), ["MP0655"]), (record(ids(1), digest="sha256"), [])]
)
def test_what_sha256_hides_is_said_once(known: OptOutRecord | None, codes: list[str]) -> None:
    """Where a hashed list is written for the first time, a note says that ids which can be guessed are not hidden."""
    made = change(BOTH, known, None if known is None else (OURS, Origin.OURS), digest="sha256")
    assert made is not None
    assert codes == [note.code for note in made.notes]


def test_the_list_is_hashed_unless_it_is_said_otherwise() -> None:
    """`digest` is sha256 by default, and `write_to` is relative to the manifest."""
    spec, found = KIND.read(block("opt_outs", {"write_to": PATH}))
    assert (OptOutSpec(IdSources(), PATH, "sha256"), ()) == (spec, tuple(found))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/etc/opt-outs.json", "MP0380"),
        ("../opt-outs.json", "MP0380"),
        ("a/../../x.json", "MP0380"),
        ("~/x.json", "MP0380"),
        ("C:/x.json", "MP0380"),
        ("a\\x.json", "MP0380"),
        ("server/", "MP0380"),
        (".git/x.json", "MP0381"),
        ("server/.mixpriv/x.json", "MP0381"),
        (".x.json", "MP0381"),
        ("server/opt-outs.txt", "MP0382"),
        ("opt-outs", "MP0382"),
        ("web/public/opt-outs.json", "MP0383"),
        ("Static/opt-outs.json", "MP0383"),
        ("dist/opt-outs.json", "MP0383"),
        ("a/www/b/opt-outs.json", "MP0383"),
    ],
)
def test_a_path_that_cannot_be_meant_is_found(path: str, code: str) -> None:
    """Paths that leave the workspace, are hidden or no .json file are errors; one in a folder that looks published is a warning."""
    _, found = KIND.read(block("opt_outs", {"write_to": path}))
    assert [(code, Severity.WARNING if code == "MP0383" else Severity.ERROR)] == [(one.code, one.severity) for one in found]


@pytest.mark.parametrize("path", ["public.json", "server/public.json", "a/../server/x.json", "./x.json", "a b/x.json"])
def test_a_good_path_is_good(path: str) -> None:
    """Only folders are published; a file may be called as one likes."""
    assert () == tuple(KIND.read(block("opt_outs", {"write_to": path}))[1])
