"""Colours that everybody can read, and a style that stays within the page."""

from __future__ import annotations

import re

import pytest

from mixpriv_reconcile.render.html_style import STYLE

SCHEMES = dict(zip(("light", "dark", "print"), re.findall(r":root\{([^}]*)\}", STYLE), strict=True))
ON_GROUNDS = [(colour, ground) for ground in ("page", "card") for colour in ("ink", "soft", "red", "amber", "blue", "green")]
ON_CHIPS = [(colour, f"{colour}-bg") for colour in ("red", "amber", "blue", "green")]


def colours(scheme: str) -> dict[str, str]:
    """The colours of a scheme by name, as six hexadecimal digits."""
    found = dict(re.findall(r"--([a-z-]+):#([0-9a-f]{3,6})\b", SCHEMES[scheme]))
    return {name: value if len(value) == 6 else "".join(digit * 2 for digit in value) for name, value in found.items()}


def luminance(colour: str) -> float:
    """Relative luminance, by WCAG 2.2."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, by WCAG 2.2: from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("colour", "ground"), [*ON_GROUNDS, *ON_CHIPS])
def test_text_is_readable(scheme: str, colour: str, ground: str) -> None:
    """Every text has a contrast of 4.5:1 at least, in light, in dark and on paper (WCAG 2.2, 1.4.3)."""
    known = colours(scheme)
    assert contrast(known[colour], known[ground]) >= 4.5


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("colour", ["blue", "red", "amber"])
def test_marks_are_seen(scheme: str, colour: str) -> None:
    """Marks on the time line stand out from the card and from the line by 3:1 (WCAG 2.2, 1.4.11)."""
    known = colours(scheme)
    assert min(contrast(known[colour], known["card"]), contrast(known[colour], known["track"])) >= 3


def test_every_colour_is_a_scheme_s() -> None:
    """No colour is written but in the schemes, so that none is forgotten in one of them."""
    rest = re.sub(r":root\{[^}]*\}", "", STYLE)
    assert [] == re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsl", rest)
    names = {name: set(colours(name)) for name in SCHEMES}
    assert names["light"] == names["dark"] == names["print"]
    assert set(re.findall(r"var\(--([a-z-]+)\)", rest)) <= names["light"] | {"shade"}


def test_nothing_is_fetched() -> None:
    """The style names no address, no font file and no image."""
    assert not re.search(r"url\(|@import|@font-face|image-set", STYLE)


def test_nothing_closes_the_style() -> None:
    """The style can't end before its element does."""
    assert "<" not in STYLE
