"""What leaves the region all the same where an SDK's host is set, in a sentence each (API fact sheet §3.2)."""

from __future__ import annotations

from collections.abc import Mapping

from mixpriv_reconcile.model.regions import Region

__all__ = ["leaks_of"]

LEAKS: Mapping[str, tuple[str, ...]] = {
    "javascript": ("`api_hosts` wins over `api_host`", "the library itself is loaded from Mixpanel's CDN unless you host it"),
    "objective-c": ("it starts with the US host", "its check of the network asks for api.mixpanel.com by name"),
    "swift": ("`serverURL` set after the start lets the first events and flags go to the US",),
    "android": ("`setServerURL` races with the first flush", "a `BackupHost` is not touched by it"),
    "python": ("flag configurations have an `api_host` of their own",),
    "nodejs": ("flag configurations have an `api_host` of their own",),
    "java": ("constructors with two or three endpoints leave the others in the US", "flags have an `apiHost` of their own"),
    "ruby": ("a BufferedConsumer sends groups to the US", "`generate_tracking_url` points there", "flags have an `api_host` of their own"),
    "go": ("flag configurations have an `APIHost` of their own", "v0.0.1 has a wrong EU data host"),
    "react-native": ("up to 3.2.2 native Android is started before its host is set", "in JavaScript mode `init(true, …)` doesn't set it"),
    "flutter": ("before 2.9.0 the host could only be set after the start, which leaks on Android",),
}


def leaks_of(sdk: str, region: Region) -> tuple[str, ...]:
    """The leaks of *sdk*; none for a project in the US, where they all go."""
    return () if region is Region.US else LEAKS.get(sdk, ())
