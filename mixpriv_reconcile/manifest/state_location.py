"""`workspace.state`: where the state is kept, with what a schema can't say of it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from mixpriv_reconcile.ids.guarded import HIDDEN
from mixpriv_reconcile.manifest.checked import Checked
from mixpriv_reconcile.manifest.credentials import reference
from mixpriv_reconcile.manifest.references import check_reference
from mixpriv_reconcile.manifest.report import Report
from mixpriv_reconcile.manifest.state_schema import KEYS, REQUIRED, state_schema
from mixpriv_reconcile.model.loopback import is_loopback
from mixpriv_reconcile.model.paths import SANDBOX_STATE, leaves
from mixpriv_reconcile.model.secrets import SecretRef
from mixpriv_reconcile.model.workspace import StateLocation

__all__ = ["state_location"]

HOME: Final = ("workspace", "state")

LABEL = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
NO_ADDRESS = r"(?![0-9]+(?:\.[0-9]+){3}\Z)"
NAMES: Final[Mapping[tuple[str, str], tuple[re.Pattern[str], str]]] = {
    ("s3", "bucket"): (
        re.compile(rf"(?=.{{3,63}}\Z){NO_ADDRESS}{LABEL}(?:\.{LABEL})*"),
        "a bucket of S3 has 3 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at each end and beside each dot, "
        "and is no IP address",
    ),
    ("gcs", "bucket"): (
        re.compile(rf"(?=.{{3,222}}\Z){NO_ADDRESS}[a-z0-9][a-z0-9_-]{{0,62}}(?:\.[a-z0-9_-]{{1,63}})*(?<=[a-z0-9])"),
        "a bucket of Cloud Storage has 3 to 63 lower-case letters, digits, hyphens, underscores and dots, with a letter or digit at each "
        "end, and is no IP address",
    ),
    ("azure", "container"): (
        re.compile(r"(?=.{3,63}\Z)[a-z0-9]+(?:-[a-z0-9]+)*"),
        "a container has 3 to 63 lower-case letters, digits and single hyphens, with a letter or digit at each end",
    ),
    ("azure", "account"): (re.compile("[a-z0-9]{3,24}"), "a storage account has 3 to 24 lower-case letters and digits"),
    ("s3", "region"): (re.compile("[a-z0-9](?:[a-z0-9-]{0,62})"), "a region has lower-case letters, digits and hyphens"),
}
"""The form of each name, and the form in words. Sources: S3 bucket naming rules; Cloud Storage, bucket names; Azure, naming containers."""

PREFIX_CHARACTERS = re.compile("[A-Za-z0-9._=+/-]+")
LONGEST_PREFIX = 512
"""Characters of a prefix: a key of an object store has 1,024 bytes at most, and what is stored adds a hundred."""

URL_CHARACTERS = re.compile(r"[!-~]+")
HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]*:[0-9a-f:.]*")
LOCALHOST = "http://localhost"
METHOD = re.compile("[A-Z]{1,20}")
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "CONNECT"})
"""They change nothing by definition (RFC 9110 §9.2.1), or are for proxies."""

EXAMPLES: Final[Mapping[str, str]] = {
    key: schema["examples"][0] for key, schema in state_schema()["properties"].items() if "examples" in schema
}


def state_location(values: Mapping[str, Any], source: Checked, report: Report) -> StateLocation:
    """Where *values*, the block `state:`, keep the state; findings go to *report*, and the rest is as if it were left out."""
    if source.has_problem(*HOME, "backend"):
        return StateLocation()  # it isn't known whose keys these are
    return _Reading(values, source, report).location()


class _Reading:
    """The block's values on their way to a location."""

    def __init__(self, values: Mapping[str, Any], source: Checked, report: Report) -> None:
        self._backend: str = values.get("backend", "local")
        self._values = {key: values[key] for key in KEYS[self._backend] if key in values}
        self._foreign = [key for key in values if key != "backend" and key not in self._values]
        self._source = source
        self._report = report
        known = state_schema()["properties"]
        self._is_misspelt = any(found.path[:2] == HOME and len(found.path) == 3 and found.path[2] not in known for found in source.problems)

    def location(self) -> StateLocation:
        self._check_keys()
        span = self._source.document.span(HOME, key=True)
        match self._backend:
            case "local":
                return StateLocation(path=self._path(), span=span)
            case "http":
                return self._http()
            case _:
                return StateLocation(
                    backend=self._backend,
                    bucket=self._name("container" if self._backend == "azure" else "bucket"),
                    account=self._name("account"),
                    prefix=self._prefix(),
                    region=self._name("region"),
                    endpoint=self._url("endpoint").rstrip("/"),
                    span=span,
                )

    def _error(self, code: str, message: str, hint: str, *path: str, key: bool = False) -> None:
        self._report.error(code, message, hint, self._source.document, (*HOME, *path), key=key)

    # Keys

    def _check_keys(self) -> None:
        """What belongs to another backend, and what is missing."""
        for key in self._foreign:
            owners = [backend for backend, keys in KEYS.items() if key in keys]
            message = f"`{key}` is a key of {_listed(owners)}; this state is kept by {self._backend}"
            backend = "" if "backend" in self._source.block(*HOME) else f"write `backend: {owners[0]}` beside it, or "
            hint = f"{backend}leave it out; {self._backend} has {_listed([f'`{name}`' for name in KEYS[self._backend]])}"
            self._error("MP0394", message, hint, key, key=True)
        for key in REQUIRED[self._backend]:
            self._require(key, f"`{key}` is missing: {self._backend} needs it")

    def _require(self, key: str, message: str) -> None:
        """Report that *key* is missing, unless it was refused, or may be there misspelt."""
        if key not in self._values and not self._is_misspelt and not self._source.has_problem(*HOME, key):
            self._error("MP0202", message, f"add `{key}:`, e.g. `{key}: {EXAMPLES[key]}`", key=True)

    # Of local

    def _path(self) -> str:
        path: str = self._values.get("path", StateLocation().path)
        normal = posixpath.normpath(path)
        why = leaves(path)
        if not why and (not normal.endswith(".json") or posixpath.basename(normal).startswith(".")):
            why = "the state must be a .json file that isn't hidden"
        if not why and normal == SANDBOX_STATE:
            why = "this is where `--sandbox` keeps its state"
        private = HIDDEN.intersection(normal.split("/"))
        if not why and private:
            why = f"{min(private)}/ is no place for the state"
        if why:
            self._error("MP0312", why, f"write a .json file inside the workspace, e.g. `path: {StateLocation().path}`", "path")
            return StateLocation().path
        return normal

    # Of object stores

    def _name(self, key: str) -> str:
        """A bucket, container, account or region; empty where there is none, or none that can be."""
        name: str = self._values.get(key, "")
        if name and (self._backend, key) in NAMES:
            form, words = NAMES[self._backend, key]
            if form.fullmatch(name) is None:
                self._error("MP0395", f"no {key} has this name", f"{words}, e.g. `{key}: {EXAMPLES[key]}`", key)
                return ""
        return name

    def _prefix(self) -> str:
        prefix: str = self._values.get("prefix", "")
        if not prefix:
            return ""
        why = ""
        if prefix.startswith("/") or prefix.endswith("/"):
            why = "a prefix neither begins nor ends with a slash"
        elif any(part in ("", ".", "..") for part in prefix.split("/")):
            why = "a prefix has no empty part, no `.` and no `..`"
        elif len(prefix) > LONGEST_PREFIX:
            why = f"a prefix has at most {LONGEST_PREFIX} characters"
        elif PREFIX_CHARACTERS.fullmatch(prefix) is None:
            why = "a prefix has letters, digits, and the characters . _ = + - between slashes"
        if why:
            self._error("MP0395", why, f"e.g. `prefix: {EXAMPLES['prefix']}`", "prefix")
            return ""
        return prefix

    def _url(self, key: str) -> str:
        """The URL at *key*; empty where there is none, or none that is allowed, which is then never repeated: it may hold a password."""
        url: str = self._values.get(key, "")
        if not url:
            return ""
        why, hint = _url_trouble(url)
        if why:
            self._error("MP0396", why, hint or f"e.g. `{key}: {EXAMPLES[key]}`", key)
            return ""
        if url.lower().startswith(LOCALHOST) and urlsplit(url).hostname == "localhost":
            # A hosts file or a name server could send the name elsewhere, and over plain http nothing would notice (RFC 6761 §6.3).
            return "http://127.0.0.1" + url[len(LOCALHOST) :]
        return url

    # Of http

    def _http(self) -> StateLocation:
        address, lock, unlock = self._url("address"), self._url("lock_address"), self._url("unlock_address")
        for key, other in (("lock_address", "unlock_address"), ("unlock_address", "lock_address")):
            if other in self._values:
                self._require(key, f"`{key}` is missing: with `{other}` alone it would be locked and unlocked in two places")
        for key, url in (("lock_address", lock), ("unlock_address", unlock)):
            if address and url and _origin(urlsplit(url)) != _origin(urlsplit(address)):
                message = "the lock is on another server than the state: username and password would be sent to both"
                self._error("MP0398", message, "write an address of the same scheme, host and port as `address:`", key)
        default = StateLocation()
        return StateLocation(
            backend="http",
            address=address,
            # Terraform doesn't lock without a lock address; here two writers are never allowed, so that the address itself is asked.
            lock_address=lock or address,
            unlock_address=unlock or address,
            lock_method=self._method("lock_method", default.lock_method),
            unlock_method=self._method("unlock_method", default.unlock_method),
            username=self._secret("username"),
            password=self._secret("password"),
            span=self._source.document.span(HOME, key=True),
        )

    def _method(self, key: str, default: str) -> str:
        method: str = self._values.get(key, default)
        if METHOD.fullmatch(method) is None or method in SAFE_METHODS:
            message = "this must be an HTTP method that can change something, in capital letters"
            self._error("MP0399", message, f"leave it out for {default}, as Terraform; GitLab's is `{key}: {EXAMPLES[key]}`", key)
            return default
        return method

    def _secret(self, key: str) -> SecretRef | None:
        value = self._values.get(key)
        if not isinstance(value, dict):
            return None
        ref = reference(value)
        hint = "name the variable or file that holds what the state's server wants, under a name of its own"
        check_reference(ref, self._source.document, (*HOME, key), self._report, hint)
        return ref


def _url_trouble(url: str) -> tuple[str, str]:
    """Why *url* can't be where a state is kept, and what to write; both without a word of it. Empty where it can."""
    if URL_CHARACTERS.fullmatch(url) is None or "\\" in url:  # urlsplit would drop tabs and line ends
        return "a URL has no spaces and no letters beyond ASCII", "write a host's other letters as xn--…, a path's as %…"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "this is no URL", ""
    if "@" in parts.netloc:
        return "a secret never stands in a manifest; this URL has a user in it", "take it out; if it was shared, make a new one"
    if not url.startswith(("https://", "http://")) or not host:
        return "this must be a URL that begins with https://", ""
    if HOST.fullmatch(host) is None:
        return "this URL's host is none", ""
    if "?" in url or "#" in url:
        return "a URL ends with its path here: no `?` and no `#`", "take out what begins there; a secret is never part of a URL"
    if parts.scheme == "http" and not is_loopback(host):
        return "plain http is allowed on loopback only: whoever is on the way could read and change the state", "write https://"
    return "", ""


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    """Scheme, host and port of an allowed URL."""
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
