"""What every state backend promises about segments that were altered where they lie; part of `StateBackendContract`."""

from __future__ import annotations

import hashlib

from mixpriv_reconcile.ports import StateBackend


class AlteredSegmentsContract:
    """Its part of the suite; the fixture `backend` is the suite's."""

    def test_altered_segment_is_replaced(self, backend: StateBackend) -> None:
        """Storing a segment heals what lies under its name with other bytes in it; who reads those meanwhile isn't disturbed."""
        for altered in (b"ab", b"", b"abd"):
            backend.write_segment(name_of(b"abc"), [altered])
            reading = backend.read_segment(name_of(b"abc"))
            assert bytes(reading) == altered
            backend.write_segment(name_of(b"abc"), [b"a", b"bc"])
            assert (bytes(reading), bytes(backend.read_segment(name_of(b"abc")))) == (altered, b"abc")
            backend.keep_segments(frozenset())


def name_of(content: bytes) -> str:
    """What a segment of *content* is called."""
    return hashlib.sha256(content).hexdigest()
