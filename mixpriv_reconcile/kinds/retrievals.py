"""Retrievals: access requests under the GDPR or the CCPA. Requested: Mixpanel makes an export in days, and can't be stopped (API §1)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from mixpriv_reconcile.kinds.kind import Kind, Lifecycle
from mixpriv_reconcile.kinds.law import LAW, UNKNOWN_LAW, extension_of, findings_of_law, received_of
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.paths import folder_trouble, keeps_of_ours, published_part
from mixpriv_reconcile.model.plan import Action, Change
from mixpriv_reconcile.model.resource import Block, RetrievalSpec, Spec
from mixpriv_reconcile.model.situation import Situation

__all__ = ["KIND"]

SCHEMA = {
    "title": "Retrieval request",
    "description": "An access request: Mixpanel makes an export of everything it has of these ids, which is fetched to a folder. "
    "No retrieval can be cancelled.",
    "type": "object",
    "required": ["compliance", "download_to"],
    "anyOf": [{"required": ["distinct_ids"]}, {"required": ["from"]}],
    "additionalProperties": False,
    "properties": {
        **LAW,
        "disclosure": {
            "type": "string",
            "enum": ["data", "categories", "sources"],
            "title": "Disclosure",
            "description": "What a CCPA request asks for: everything (data), only which kinds of data there are (categories), "
            "or how it was collected (sources). Not for the GDPR, where it is always everything.",
        },
        "download_to": {
            "type": "string",
            "minLength": 1,
            "x-shown-as": "path",
            "title": "Download to",
            "description": "The folder that takes the finished export, relative to this manifest; it stays inside the workspace.",
            "examples": ["exports/dsar-4711"],
        },
        "distinct_ids": {"$ref": "#/$defs/distinctIds"},
        "from": {"$ref": "#/$defs/from"},
    },
}


def _read(block: Block) -> tuple[Spec | None, Iterable[Diagnostic]]:
    findings = (*findings_of_law(block), *_findings(block))
    is_placed = "download_to" in block.value and not any(found.code == "MP0375" for found in findings)
    return _spec(block, _folder(block) if is_placed else ""), findings


def _findings(block: Block) -> Iterable[Diagnostic]:
    value = block.value
    if "disclosure" in value and value.get("compliance") == "gdpr" and "compliance" not in block.unsure:
        message = "only the CCPA knows kinds of disclosure; a GDPR request always gets everything"
        yield block.diagnostic("MP0374", Severity.ERROR, message, "leave `disclosure` out", ("disclosure",))
    if "download_to" in value:
        why = folder_trouble(value["download_to"], posixpath.dirname(block.span_of(()).file))
        ours = "" if why else keeps_of_ours(_folder(block), block.workspace.state.path)
        if why or ours:
            hint = "write a folder inside the workspace, e.g. `download_to: exports/dsar-4711`"
            yield block.diagnostic("MP0375", Severity.ERROR, why or f"this path leads to {ours}", hint, ("download_to",))
        elif published_part(f"{value['download_to']}/"):
            message = "a folder of this name is often published, and the export holds everything Mixpanel knows of a person"
            yield block.diagnostic("MP0376", Severity.WARNING, message, "choose a folder that no web server serves", ("download_to",))


def _folder(block: Block) -> str:
    """The folder for exports, relative to the workspace."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(block.span_of(()).file), block.value["download_to"]))


def _spec(block: Block, folder: str) -> RetrievalSpec:
    value = block.value
    return RetrievalSpec(
        value.get("compliance", UNKNOWN_LAW),
        block.sources,
        folder,
        received_of(value),
        value.get("disclosure"),
        extension_of(value),
        block.span_of(("download_to",)),
    )


def _diff(situation: Situation) -> Change | None:
    # Deciding takes numpy, which takes as long to load as all else of `validate`; reading a manifest does without.
    from mixpriv_reconcile.kinds.requests import request_change

    return request_change(situation, kind="retrievals", submit_action=Action.CREATE, is_cancellable=False)


KIND = Kind(
    name="retrievals",
    lifecycle=Lifecycle.REQUESTED,
    order=40,
    per_name=True,
    schema=SCHEMA,
    read=_read,
    diff=_diff,
    follows=("residency",),
)
