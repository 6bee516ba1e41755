"""What a command has to show, in plain words and in no format: each format that is a document makes its own of it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Block", "Code", "Facts", "Heading", "Items", "Page", "Section", "Sentence", "Table"]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A paragraph. Here as in every text below, what stands between backticks is code, and nothing else is markup."""

    text: str


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands above the next block of a section, a level below the section's own."""

    text: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list; further lines of an item stand below its first. *noun* is what one of them is called where some are left out."""

    items: tuple[str, ...]
    noun: str = "line"
    plural: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names, each with one text or several; a name without any isn't shown."""

    facts: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of as many texts as there are *columns*, the first of which says what a row is about."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Code:
    """Lines that are copied as they are; *language* is that of our own samples, and empty for one line with a stranger's words in it."""

    text: str
    language: str = ""


Block = Sentence | Heading | Items | Facts | Table | Code


@dataclass(frozen=True, slots=True)
class Section:
    """What stands below a *heading*; without one it goes on with what stands above it."""

    heading: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A document. One without a *title* is about what the command did, and how it ended stands above it."""

    title: str
    sections: tuple[Section, ...]
