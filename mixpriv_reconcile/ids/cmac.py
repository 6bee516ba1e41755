"""AES-CMAC (RFC 4493) of many messages at once.

Messages of equal block count are chained side by side: one call of AES a block position, however many messages there are.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from mixpriv_reconcile.ids.arrays import Bytes, Ints, Rows, Words, np

__all__ = ["Cmac"]

_BLOCK = 16
_GROUP_BYTES = 2 * 2**20  # padded messages in work at once: what stays in the processor's cache


class Cmac:
    """AES-CMAC under one key of 16, 24 or 32 bytes. Not for several threads at once."""

    __slots__ = ("_encryptor", "_masks", "_pads")

    def __init__(self, aes_key: bytes) -> None:
        # ECB is the bare block cipher here, the chain around it is ours
        self._encryptor = Cipher(algorithms.AES(aes_key), modes.ECB()).encryptor()
        first = _doubled(self._encryptor.update(bytes(_BLOCK)))
        self._masks, self._pads = _last_block(first, _doubled(first))

    def tags(self, blob: bytes | memoryview, starts: Ints, ends: Ints) -> Rows:
        """The tag of each `blob[starts[i]:ends[i]]`, in order; the spans may overlap."""
        lengths = ends - starts
        blocks = np.maximum((lengths + (_BLOCK - 1)) >> 4, 1)
        tags: Rows = np.empty((len(starts), 2), np.uint64)
        if not len(starts):
            return tags
        most = int(blocks.max())
        # every message is read up to its last whole block, so the last one reads beyond the blob
        padded = np.zeros(len(blob) + _BLOCK * most, np.uint8)
        padded[: len(blob)] = np.frombuffer(blob, np.uint8)
        for count, members in _groups(blocks, most):
            step = max(1, _GROUP_BYTES // (_BLOCK * count))
            for begin in range(0, len(members), step):
                chosen = members[begin : begin + step]
                tags[chosen] = self._chain(padded, starts[chosen], lengths[chosen], count)
        return tags

    def _chain(self, padded: Bytes, starts: Ints, lengths: Ints, count: int) -> Rows:
        """The tags of messages that all have *count* blocks."""
        width = _BLOCK * count
        windows = np.ndarray((len(padded) - width + 1,), np.dtype(f"V{width}"), padded, strides=(1,))
        words = windows[starts].view(np.uint64).reshape(len(starts), 2 * count)
        tail = lengths - (width - _BLOCK)
        for half in (0, 1):
            column = words[:, half - 2]
            column &= self._masks[tail, half]
            column ^= self._pads[tail, half]
        chained = np.empty(len(starts) * _BLOCK + _BLOCK - 1, np.uint8)  # AES asks for room of a block less one byte
        state = chained[: len(starts) * _BLOCK].view(np.uint64).reshape(-1, 2)
        state[:] = words[:, :2]
        for block in range(count):
            if block:
                state[:, 0] ^= words[:, 2 * block]
                state[:, 1] ^= words[:, 2 * block + 1]
            encrypted = np.empty_like(chained)
            self._encryptor.update_into(chained[: len(starts) * _BLOCK].data, encrypted.data)
            chained = encrypted
            state = chained[: len(starts) * _BLOCK].view(np.uint64).reshape(-1, 2)
        return state


def _groups(blocks: Ints, most: int) -> list[tuple[int, Ints]]:
    """Block counts that occur, each with the positions of its messages."""
    if int(blocks.min()) == most:
        return [(most, np.arange(len(blocks), dtype=np.int64))]
    # a stable sort of one- or two-byte numbers is a radix sort
    order = np.argsort(blocks.astype(np.uint8 if most < 256 else np.uint16 if most < 65536 else np.int64), kind="stable")
    borders = np.flatnonzero(np.diff(blocks[order])) + 1
    return [(int(blocks[members[0]]), members) for members in np.split(order, borders)]


def _last_block(whole: bytes, padded: bytes) -> tuple[Words, Words]:
    """By bytes in the last block (0 to 16): what of it to keep, and what to add (padding and sub-key)."""
    masks, pads = bytearray(), bytearray()
    for length in range(_BLOCK + 1):
        masks += b"\xff" * length + bytes(_BLOCK - length)
        padding = b"" if length == _BLOCK else b"\x80"
        sub_key = whole if length == _BLOCK else padded
        pads += bytes(a ^ b for a, b in zip((bytes(length) + padding).ljust(_BLOCK, b"\0"), sub_key, strict=True))
    return np.frombuffer(bytes(masks), np.uint64).reshape(-1, 2), np.frombuffer(bytes(pads), np.uint64).reshape(-1, 2)


def _doubled(block: bytes) -> bytes:
    """*block* times x in GF(2^128), RFC 4493 §2.3."""
    number = int.from_bytes(block, "big") << 1
    if number >> 128:
        number = (number & ((1 << 128) - 1)) ^ 0x87
    return number.to_bytes(_BLOCK, "big")
