"""Opt-outs: who is not to be tracked any more, as a list that servers and applications read. Rendered: a file that is written.

Mixpanel has no API to read or set a user's opt-out, and server-side SDKs have no opt-out at all (API §3.3): such code has to look at a
list before it sends.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from mixpriv_reconcile.kinds.kind import Kind, Lifecycle
from mixpriv_reconcile.model.diagnostics import Diagnostic, Severity
from mixpriv_reconcile.model.files import FileSeen, Origin
from mixpriv_reconcile.model.paths import hidden_part, leaves, published_part
from mixpriv_reconcile.model.plan import Action, Change, WriteList
from mixpriv_reconcile.model.resource import Block, OptOutSpec, Resource, Spec
from mixpriv_reconcile.model.situation import Situation
from mixpriv_reconcile.model.state import OptOutRecord

__all__ = ["KIND"]

DIGESTS = ("none", "sha256")
DEFAULT_DIGEST = "sha256"

SCHEMA = {
    "title": "Opt-outs",
    "description": "Who is not to be tracked any more: written to a list that servers and applications look at before they send.",
    "type": "object",
    "required": ["write_to"],
    "anyOf": [{"required": ["distinct_ids"]}, {"required": ["from"]}],
    "additionalProperties": False,
    "properties": {
        "distinct_ids": {"$ref": "#/$defs/distinctIds"},
        "from": {"$ref": "#/$defs/from"},
        "write_to": {
            "type": "string",
            "minLength": 1,
            "x-shown-as": "path",
            "title": "List",
            "description": "The .json file that takes the list, relative to this manifest; it stays inside the workspace.",
            "examples": ["server/opt-outs.json"],
        },
        "digest": {
            "type": "string",
            "enum": list(DIGESTS),
            "default": DEFAULT_DIGEST,
            "title": "Form of the ids",
            "description": "What the list holds: the ids themselves (none), or the SHA-256 of each.",
        },
    },
}


NOWHERE = frozenset({"MP0380", "MP0381"})
"""Findings about a path that leads to where no list can be, so that nothing more need be said of it."""


def _read(block: Block) -> tuple[Spec | None, Iterable[Diagnostic]]:
    written, digest = block.value.get("write_to"), block.value.get("digest", DEFAULT_DIGEST)
    if not isinstance(written, str):
        return OptOutSpec(block.sources, "", digest), ()
    base = posixpath.dirname(block.span_of(()).file)
    path = posixpath.normpath(posixpath.join(base, written))
    findings = tuple(_findings(block, written, base, path))
    is_placed = not any(found.code in NOWHERE for found in findings)
    return OptOutSpec(block.sources, path if is_placed else "", digest), findings


def _findings(block: Block, written: str, base: str, path: str) -> Iterator[Diagnostic]:
    where = ("write_to",)
    why = leaves(written, base)
    if why:
        hint = "write a path relative to this manifest that stays inside the workspace, e.g. `write_to: server/opt-outs.json`"
        yield block.diagnostic("MP0380", Severity.ERROR, why, hint, where)
    elif hidden_part(path):
        message = "the opt-out list is never hidden, nor in a hidden folder"
        yield block.diagnostic("MP0381", Severity.ERROR, message, "choose a folder that your servers read", where)
    elif not path.endswith(".json"):
        yield block.diagnostic("MP0382", Severity.ERROR, "the opt-out list is a .json file", "let its name end in .json", where)
    elif folder := published_part(path):
        message = f"{folder}/ looks like a folder that is published, and the list with it"
        hint = "write it where only your servers read it; `mixpriv explain MP0655` tells what a list of SHA-256 values gives away"
        yield block.diagnostic("MP0383", Severity.WARNING, message, hint, where)


def _diff(situation: Situation) -> Change | None:
    resource, project = situation.resource, situation.project
    if resource is None or project is None or not isinstance(resource.spec, OptOutSpec):
        return None
    spec, seen = resource.spec, situation.files.get(resource.spec.write_to)
    if seen is not None and seen.origin is not Origin.OURS:
        return _conflict(situation, resource, spec, seen)
    record = situation.record
    known = record if isinstance(record, OptOutRecord) else None
    reasons = tuple(_reasons(situation, spec, known, seen))
    if not reasons:
        return None
    is_new = seen is None and (known is None or known.file == spec.write_to)
    return Change(
        address=resource.address,
        kind="opt_outs",
        project=resource.address.project,
        project_id=project.project_id,
        actions=(Action.CREATE if is_new else Action.UPDATE,),
        reasons=reasons,
        before=_attributes(known.file, known.digest, known.count) if known is not None else None,
        after=_attributes(spec.write_to, spec.digest, situation.ids.count),
        steps=(WriteList(situation.ids, spec.write_to, spec.digest, seen.sha256 if seen is not None else None),),
        source=resource.span,
        notes=tuple(_notes(resource, spec, known)),
    )


def _attributes(write_to: str, digest: str, count: int) -> dict[str, object]:
    return {"write_to": write_to, "digest": digest, "count": count}


def _reasons(situation: Situation, spec: OptOutSpec, known: OptOutRecord | None, seen: FileSeen | None) -> Iterator[str]:
    """Why the list is to be written, the strongest reason first; nothing where the file is what it should be."""
    if known is None:
        yield "write" if seen is None else "file_changed"
        return
    assert situation.project is not None
    declared = (situation.address.project, situation.project.project_id, spec.write_to, spec.digest)
    if (known.project, known.project_id, known.file, known.digest) != declared:
        yield "settings_changed"
    if known.ids_sha256 != situation.ids.sha256:
        yield "ids_changed"
    if known.file == spec.write_to:
        if seen is None:
            yield "file_missing"
        elif seen.sha256 != known.sha256:
            yield "file_changed"


def _notes(resource: Resource, spec: OptOutSpec, known: OptOutRecord | None) -> Iterator[Diagnostic]:
    address = str(resource.address)
    if known is not None and known.file != spec.write_to:
        message = f"the list goes to {spec.write_to} from now on; the old one, {known.file}, stays there and is no longer kept up to date"
        hint = "remove it when nothing reads it any more"
        yield Diagnostic("MP0652", Severity.NOTE, message, hint, resource.span, address)
    if spec.digest == "sha256" and (known is None or known.digest != spec.digest):
        message = "SHA-256 hides ids that can't be guessed; e-mail addresses, phone numbers and running numbers can be"
        hint = "keep the list where only your servers read it; `mixpriv explain MP0655` tells more"
        yield Diagnostic("MP0655", Severity.NOTE, message, hint, resource.span, address)


def _conflict(situation: Situation, resource: Resource, spec: OptOutSpec, seen: FileSeen) -> Change:
    if seen.origin is Origin.EDITED:
        code, message = "MP0651", f"{spec.write_to} was changed by hand since it was written; it is not overwritten"
        hint = "put ids that were added there under `opt_outs:` in the manifest, then move the file away and apply again"
    else:
        code, message = "MP0650", f"{spec.write_to} is there already and is no opt-out list of mixpriv; it is not overwritten"
        hint = "move it away, or give `write_to` another name"
    return Change(
        address=resource.address,
        kind="opt_outs",
        project=resource.address.project,
        project_id=situation.project.project_id if situation.project is not None else 0,
        actions=(Action.NO_OP,),
        reasons=("conflict",),
        after=_attributes(spec.write_to, spec.digest, situation.ids.count),
        source=resource.span,
        notes=(Diagnostic(code, Severity.ERROR, message, hint, resource.span, str(resource.address)),),
    )


KIND = Kind(name="opt_outs", lifecycle=Lifecycle.RENDERED, order=30, per_name=False, schema=SCHEMA, read=_read, diff=_diff)
