"""`mixpriv explain`: whoever meets a code at two in the morning finds a page on it."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import pytest

from mixpriv_reconcile.explain import codes, page

CODE = re.compile(r"MP[0-9]{4}")
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")


@cache
def used_codes() -> frozenset[str]:
    """Every code that the package's source names."""
    return frozenset(_codes_below(resources.files("mixpriv_reconcile")))


def _codes_below(folder: Traversable) -> set[str]:
    found: set[str] = set()
    for entry in folder.iterdir():
        if entry.is_dir():
            found |= _codes_below(entry)
        elif entry.name.endswith(".py"):
            found |= set(CODE.findall(entry.read_text("utf-8")))
    return found


def test_every_code_has_a_page() -> None:
    """A code that the program can print has a page that explains it."""
    assert sorted(used_codes() - set(codes())) == []


def test_every_page_is_of_a_code_in_use() -> None:
    """A page about something the program never says would mislead."""
    assert sorted(set(codes()) - used_codes()) == []


def test_codes_are_listed_in_order() -> None:
    """`mixpriv explain` lists the codes ascending, each once."""
    assert list(codes()) == sorted(set(codes()))


@pytest.mark.parametrize("code", codes())
def test_a_page_starts_with_its_code_and_a_title(code: str) -> None:
    """The first line says which code the page is about, and what it means in a few words."""
    first = (page(code) or "").partition("\n")[0]
    assert re.fullmatch(rf"# {code} · \S.{{3,90}}", first), first


@pytest.mark.parametrize("code", codes())
def test_a_page_says_what_to_write_instead(code: str) -> None:
    """Below the meaning stands an example or a thing to do."""
    assert re.search(r"^(Bad|Good|What to do)\b.*", page(code) or "", re.MULTILINE)


@pytest.mark.parametrize("code", codes())
def test_a_page_holds_no_e_mail_address(code: str) -> None:
    """Examples don't teach anybody to put addresses of people where ids and names go."""
    assert E_MAIL.findall(page(code) or "") == []


@pytest.mark.parametrize("code", ["MP9999", "mp0001", "", "../__init__", "MP0001.md"])
def test_an_unknown_code_has_no_page(code: str) -> None:
    """What isn't a known code has no page, and no other file is read for it."""
    assert page(code) is None
