"""Why a change is planned, a sentence for every reason that a kind can give."""

from __future__ import annotations

from collections.abc import Mapping

from mixpriv_reconcile.model.plan import Change
from mixpriv_reconcile.model.wording import people

__all__ = ["SENTENCES", "reason_sentence"]

SENTENCES: Mapping[str, str] = {
    "adopt": "the project is managed from now on, in this region",
    "after_failure": "{ids} in a new attempt, after Mixpanel's task failed",
    "after_retrieval": "{ids} held back until their export is downloaded",
    "confirmed": "a person confirmed the manual step in the manifest",
    "conflict": "what is declared can't be reached by any change",
    "declared_again": "the request was withdrawn before and is declared again",
    "download": "the finished export is yet to be downloaded",
    "file_changed": "the file is not the one that was written last",
    "file_missing": "the file that was written is no longer there",
    "held": "{ids} left out or withdrawn by a legal hold",
    "hold_released": "{ids} that a legal hold kept out before",
    "ids_changed": "other distinct ids are declared than the file was written with",
    "in_doubt": "{ids} whose answer never came; they may be sent a second time",
    "manual_step": "a person does this, Mixpanel has no API for it",
    "moved": "the same ids under a new name, without any call to Mixpanel",
    "new_ids": "{ids} of the request not sent before",
    "new_request": "{ids} not submitted before",
    "not_before": "{ids} held back until the day written as not_before",
    "request_changed": "{ids} refused before, in a request that has changed since",
    "resubmitted": "{ids} still wanted, from cancelled tasks, submitted again",
    "retry": "{ids} in a new attempt, as asked with --retry",
    "revoked": "{ids} whose task was cancelled before and are declared again",
    "settings_changed": "the project, the path or the form of the list is another one",
    "unsent": "{ids} that an earlier apply could not deliver",
    "withdrawn_ids": "{ids} no longer declared; what Mixpanel has not started is cancelled",
    "withdrawn_request": "{ids} of a request that left the manifests; what Mixpanel has not started is cancelled",
    "write": "the file is not there yet",
}
"""`{ids}` is the number of distinct ids where it belongs to that reason alone."""

SUBMITTING = frozenset({"after_failure", "hold_released", "new_ids", "new_request", "request_changed", "retry", "revoked", "unsent"})
"""Reasons whose ids are cut into batches together, so that a number is known for one alone only."""


def reason_sentence(reason: str, change: Change) -> str:
    """*reason* and what it means for *change*, e.g. `new_ids: 12 distinct ids of the request not sent before`."""
    sentence = SENTENCES.get(reason, "")
    count = _count(reason, change)
    return f"{reason}: {sentence.format(ids=people(count) if count else 'distinct ids')}" if sentence else reason


def _count(reason: str, change: Change) -> int:
    if reason in SUBMITTING:
        alone = sum(other in SUBMITTING for other in change.reasons) == 1
        return sum(batch.ids.count for batch in change.batches if batch.origin not in ("in_doubt", "resubmitted")) if alone else 0
    match reason:
        case "in_doubt" | "resubmitted":
            return sum(batch.ids.count for batch in change.batches if batch.origin == reason)
        case "withdrawn_ids" | "withdrawn_request":
            return change.withdrawn
        case "held":
            return change.held.count
        case "not_before" | "after_retrieval":
            return change.waits.count
        case _:
            return 0
