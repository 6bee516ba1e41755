"""The documentation says what the program is: generated pages are regenerated, specified fields and named functions exist."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

import mixpriv_reconcile
from mixpriv_reconcile.codec import ENTRIES
from mixpriv_reconcile.model import state as words
from mixpriv_reconcile.model.resource import Confirmation, Extension

DOCS = Path(__file__).parent.parent / "docs"
PACKAGE = Path(mixpriv_reconcile.__file__).parent

NOT_IN_FILES = frozenset({"open_segments", "runs", "digests"})
SPECIFIED = (
    words.State,
    words.PolicyRecord,
    words.ProjectRecord,
    words.RequestRecord,
    words.ResidencyRecord,
    words.SsoRecord,
    words.OptOutRecord,
    words.BatchRecord,
    words.TaskRecord,
    words.SourceRecord,
    words.KeyRecord,
    words.Declared,
    words.SegmentRef,
    Confirmation,
    Extension,
    *ENTRIES.values(),
)


def generator() -> ModuleType:
    """`docs/generate.py` as a module."""
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_generated_pages_are_up_to_date() -> None:
    """The reference of commands and diagnostics says what the program says; else run `python docs/generate.py`."""
    for name, text in generator().pages().items():
        assert text == (DOCS / "reference" / name).read_text("utf-8"), name


def test_every_diagnostic_is_in_the_reference() -> None:
    """No code is left out because its range has no heading."""
    module = generator()
    listed = set(re.findall(r"MP[0-9]{4}", module.pages()["diagnostics.md"]))
    assert set(module.codes()) <= listed


@pytest.mark.parametrize("cls", SPECIFIED, ids=lambda cls: cls.__name__)
def test_every_field_of_a_file_is_specified(cls: type) -> None:
    """A field that mixpriv writes to a file is named in the specification of formats."""
    text = (DOCS / "reference" / "formats.md").read_text("utf-8")
    fields = {field.name for field in dataclasses.fields(cls) if field.init} - NOT_IN_FILES
    assert {name for name in fields if f"`{name}`" not in text} == set()


@pytest.mark.parametrize("entry", ENTRIES)
def test_every_journal_entry_is_specified(entry: str) -> None:
    """An entry that a run writes to its journal has its line in the specification."""
    assert f"| `{entry}` |" in (DOCS / "reference" / "formats.md").read_text("utf-8")


def test_the_walk_through_the_program_names_what_exists() -> None:
    """Each file and function on the way of a distinct id, as `docs/architecture.md` tells it, is there."""
    walk = (DOCS / "architecture.md").read_text("utf-8").partition("## The way of one distinct id")[2]
    steps = re.findall(r"^\| \d+ \| `([\w/]+\.py)` \| ([^|]*) \|", walk, re.MULTILINE)
    assert len(steps) > 20
    for file, names in steps:
        source = (PACKAGE / file).read_text("utf-8")
        for name in re.findall(r"`(\w+)(?:\.(\w+))?`", names):
            for part in filter(None, name):
                assert re.search(rf"(?:def|class|async def) {part}\b|^{part} = ", source, re.MULTILINE), f"{part} in {file}"


@pytest.mark.parametrize("path", sorted(DOCS.rglob("*.md")), ids=lambda path: path.name)
def test_links_between_pages_lead_somewhere(path: Path) -> None:
    """A link to another page of the repository finds it."""
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


KINDS = {"## Tutorial": "tutorial.md", "## How to": "how-to/", "## Reference": "reference/", "## Explanation": "explanation/"}


@pytest.mark.parametrize(("heading", "start"), KINDS.items(), ids=lambda text: text.strip("# "))
def test_the_index_has_every_page(heading: str, start: str) -> None:
    """`docs/README.md` names every page under its kind: to learn, to do, to look up, to understand."""
    section = (DOCS / "README.md").read_text("utf-8").partition(f"{heading}\n")[2].partition("\n## ")[0]
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert {page for page in pages if page.startswith(start)} == set(re.findall(r"\]\(([^)]+)\)", section))


def test_the_index_has_what_is_of_no_kind() -> None:
    """So it does for the pages on how the program is built."""
    links = set(re.findall(r"\]\(([^)]+)\)", (DOCS / "README.md").read_text("utf-8")))
    assert {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")} - {"README.md"} == links
    assert "(docs/README.md)" in (DOCS.parent / "README.md").read_text("utf-8")
