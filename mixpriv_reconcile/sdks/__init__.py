"""Mixpanel's SDKs: facts about fifteen of them, a profile each, by family of platforms (API §3). Pure; knows only the words of `model`."""

from __future__ import annotations

from mixpriv_reconcile.sdks.apple import OBJECTIVE_C, SWIFT
from mixpriv_reconcile.sdks.compiled import CSHARP, GO
from mixpriv_reconcile.sdks.javascript import JAVASCRIPT, NODEJS, REACT_NATIVE
from mixpriv_reconcile.sdks.jvm import ANDROID, JAVA
from mixpriv_reconcile.sdks.plain_http import HTTP
from mixpriv_reconcile.sdks.profile import Deletion, Form, Leak, Mismatch, OptOut, Profile, Snippet
from mixpriv_reconcile.sdks.scripting import PHP, PYTHON, RUBY
from mixpriv_reconcile.sdks.sheet import Sheet, Sheets, leaks_in, sheet
from mixpriv_reconcile.sdks.toolkits import FLUTTER, UNITY

__all__ = [
    "PROFILES",
    "SDK_NAMES",
    "Deletion",
    "Form",
    "Leak",
    "Mismatch",
    "OptOut",
    "Profile",
    "Sheet",
    "Sheets",
    "Snippet",
    "leaks_in",
    "profile_named",
    "sheet",
]

PROFILES: tuple[Profile, ...] = (
    JAVASCRIPT,
    OBJECTIVE_C,
    SWIFT,
    ANDROID,
    PYTHON,
    JAVA,
    RUBY,
    NODEJS,
    REACT_NATIVE,
    FLUTTER,
    PHP,
    GO,
    UNITY,
    CSHARP,
    HTTP,
)
"""The ten of the privacy page in its order, then the others."""

SDK_NAMES: tuple[str, ...] = tuple(profile.name for profile in PROFILES)
"""As manifests and the command line write them."""


def profile_named(name: str) -> Profile:
    """The profile that is called *name*; raises `KeyError` for a name that isn't one of `SDK_NAMES`."""
    for profile in PROFILES:
        if profile.name == name:
            return profile
    raise KeyError(name)
