"""What every state backend promises of what a later version of mixpriv wrote; part of `StateBackendContract`."""

from __future__ import annotations

import datetime
import json
import struct

import pytest

from mixpriv_reconcile.codec import FORMAT_VERSION
from mixpriv_reconcile.errors import StateError, StateTooNew
from mixpriv_reconcile.model.state import State
from mixpriv_reconcile.ports import StateBackend
from mixpriv_reconcile.state import Store

LATER_DOCUMENT = json.dumps({"format_version": FORMAT_VERSION + 1, "lineage": "later", "serial": 7, "members": {"of": "another shape"}}).encode()
LATER_JOURNAL = struct.pack("<8sII", b"MPJRN\x01\r\n", FORMAT_VERSION + 1, 0) + b"records of another shape"

OURS = State(lineage="ours", serial=1, tool_version="1.0")
NOW = datetime.datetime(2026, 11, 20, 8, tzinfo=datetime.UTC)


class LaterFormatsContract:
    """Its part of the suite; the fixture `backend` is the suite's."""

    def test_later_document_is_refused(self, backend: StateBackend) -> None:
        """A state that a later version wrote is refused with the two versions named, and nobody publishes over it."""
        version = backend.replace(LATER_DOCUMENT, expected=None)
        store = Store(backend)
        with pytest.raises(StateTooNew, match=f"format version {FORMAT_VERSION + 1}; this version of mixpriv reads {FORMAT_VERSION}") as refused:
            store.load()
        assert refused.value.code == "MP0512"
        assert "newer" in refused.value.hint
        with pytest.raises(StateError, match="changed by somebody else"):
            store.publish(OURS, expected=None, now=NOW)
        stored = backend.read()
        assert stored is not None
        assert (stored.content, stored.version, backend.backup_content()) == (LATER_DOCUMENT, version, None)

    @pytest.mark.parametrize("is_published", [False, True], ids=["alone", "beside a state"])
    def test_later_journal_is_refused(self, backend: StateBackend, is_published: bool) -> None:
        """A journal that a later version wrote is refused, beside a state of ours and without one; both stay as they are."""
        if is_published:
            Store(backend).publish(OURS, expected=None, now=NOW)
        backend.append_journal(LATER_JOURNAL)
        before = backend.read()
        with pytest.raises(StateTooNew, match=f"journal has format version {FORMAT_VERSION + 1}") as refused:
            Store(backend).load()
        assert refused.value.code == "MP0512"
        journal = backend.read_journal()
        assert journal is not None
        assert (bytes(journal), backend.read()) == (LATER_JOURNAL, before)
