"""The form of canonical bytes: a tag, the length of the payload, the payload.

A payload is raw bytes or a row of pieces, as its tag says. Since every piece carries its length, a
row can be cut in one way only: no two rows of pieces are written alike.
"""

from collections.abc import Iterable


def make_piece(tag: bytes, payload: bytes) -> bytes:
    """Return one piece; *tag* is a single letter."""
    return b"%b%d:%b" % (tag, len(payload), payload)


def join_pieces(tag: bytes, pieces: Iterable[bytes]) -> bytes:
    """Return the piece that holds a row of pieces, in their order."""
    return make_piece(tag, b"".join(pieces))


def text_piece(text: str) -> bytes:
    """Return the piece of a text; surrogates, which UTF-8 lacks, have three bytes of their own."""
    data = text.encode("utf-8", "surrogatepass")
    return b"s%d:%b" % (len(data), data)
