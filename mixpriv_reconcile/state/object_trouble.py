"""What an object store fails with, in our words: a class of reason, the HTTP status and the store's own code, never its raw text.

The raw text may hold key ids, signed addresses and headers.
"""

from __future__ import annotations

import re
from typing import Final

from mixpriv_reconcile.errors import StateError

__all__ = ["failures", "is_missing", "is_taken", "trouble", "unfit", "unusable"]

STATUS: Final = re.compile(r"status code: ([1-5][0-9]{2})\b")
CODE: Final = re.compile(r"<Code>\s*([A-Z][A-Za-z]{2,50})\s*</Code>")
"""The store's own name for what is wrong: letters alone, so that nothing else a server may echo passes."""

NO_BUCKET: Final = frozenset({"NoSuchBucket", "ContainerNotFound", "InvalidBucketName", "PermanentRedirect", "AccountNotFound"})
WRONG_CREDENTIALS: Final = frozenset(
    {"InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "AuthenticationFailed", "TokenRefreshRequired"}
)
UNFIT: Final = frozenset({"NotImplemented", "UnsupportedHeader"})
ASKS_FOR_CREDENTIALS: Final = re.compile(
    r"Error performing \w+ \S*(169\.254\.|fd00:ec2|metadata\.google|//sts\.|/oauth2/|login\.microsoftonline)|token request|"
    r"[Mm]issing credential|[Cc]redentials? (provider|file|path)|[Pp]rivate ?[Kk]ey|AZURE_\w+|GOOGLE_\w+"
)
"""A call that wasn't to the store itself, but to whoever gives out credentials; or a set of them that is no set."""

CREDENTIALS = "set the credentials that `mixpriv explain MP0561` names; they need the right to read, write, list and delete there"
AGAIN = "what was there before is intact; run the same command again"


def failures() -> tuple[type[Exception], ...]:
    """What obstore raises where a call failed: errors of its own, `FileNotFoundError` and others of the system, `ValueError` for settings.

    Everything else is a mistake in a program, and is not told as a storage's failure.
    """
    from obstore import exceptions  # only where such a store is in use

    return exceptions.BaseError, OSError, ValueError


def is_missing(error: Exception) -> bool:
    """Whether *error* says that there is no such object, in a bucket that is there."""
    return isinstance(error, FileNotFoundError) and _code(error) not in NO_BUCKET


def is_taken(error: Exception) -> bool:
    """Whether *error* says that the condition of a conditional write doesn't hold."""
    from obstore import exceptions  # only where such a store is in use

    return isinstance(error, exceptions.AlreadyExistsError | exceptions.PreconditionError)


def trouble(error: Exception, place: str) -> StateError:
    """What to raise for *error*, which the store at *place* failed with."""
    from obstore import exceptions

    status, code = _status(error), _code(error)
    told = " ".join(filter(None, (f"HTTP {status}" if status else "", code)))
    if ASKS_FOR_CREDENTIALS.search(str(error)) and not code:
        message = f"there are no credentials for {place}: the environment has none, or they were refused where they are to be had"
        return StateError("MP0561", message, CREDENTIALS)
    refused = isinstance(error, exceptions.PermissionDeniedError | exceptions.UnauthenticatedError)
    if code in NO_BUCKET or isinstance(error, FileNotFoundError) or "Received redirect" in str(error):
        return StateError(
            "MP0562",
            f"{place} doesn't exist there" + (f" ({told})" if told else ""),
            "look whether bucket, region, account and endpoint are right; mixpriv makes no buckets",
        )
    if refused or status in (401, 403) or code in WRONG_CREDENTIALS:
        return StateError("MP0561", f"{place} refuses us" + (f" ({told})" if told else ""), CREDENTIALS)
    if isinstance(error, exceptions.NotSupportedError) or code in UNFIT or status == 501:
        return unfit(place)
    if told:
        return StateError("MP0560", f"{place} can't be used: the storage answered {told}", AGAIN)
    is_late = "timed out" in str(error) or "TimedOut" in str(error)
    reason = "no answer came in time" if is_late else "the connection failed"
    return StateError("MP0560", f"{place} can't be reached: {reason}", AGAIN)


def unusable(error: Exception, place: str) -> StateError:
    """What to raise where no client can be made, and so nothing was asked yet."""
    if isinstance(error, ValueError):
        return StateError("MP0562", f"{place} is no place in a storage", "correct bucket, prefix and endpoint in the manifest")
    message = f"there is no way to {place}: its account or its credentials aren't set, or can't be read"
    return StateError("MP0561", message, CREDENTIALS)


def unfit(place: str) -> StateError:
    """What to raise where the store takes a write in spite of its condition, or has no conditions."""
    return StateError(
        "MP0563",
        f"the storage of {place} doesn't do conditional writes: two runs could overwrite each other's state, and nothing is kept there",
        "use a storage that does (`mixpriv explain MP0563`)",
    )


def _status(error: Exception) -> int | None:
    found = STATUS.search(str(error))
    return int(found[1]) if found else None


def _code(error: Exception) -> str:
    found = CODE.search(str(error))
    return found[1] if found else ""
