"""Tagged bytes: encodings that cannot be mistaken for one another, nor run together."""

from blake3 import blake3

DIRECT = 256
"""Bytes up to which a field stands in an encoding itself; a longer one is there by its digest."""


def tagged(tag: str, *fields: bytes) -> bytes:
    """Return *fields* under *tag*; other fields, tags or borders between them give other bytes."""
    parts = [_field(each) for each in fields]
    return b"%b%d(%b)" % (tag.encode(), len(parts), b"".join(parts))


def _field(data: bytes) -> bytes:
    if len(data) <= DIRECT:
        return b"%d:%b" % (len(data), data)
    return b"#%b" % blake3(data).digest()


def digest(data: bytes) -> str:
    """Return the digest of an encoding, written with its algorithm."""
    return "blake3:" + blake3(data).hexdigest()


def text(value: str) -> bytes:
    """Return text as bytes, whatever it holds."""
    return value.encode("utf-8", "surrogatepass")
