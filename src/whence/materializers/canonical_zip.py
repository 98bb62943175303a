"""Zip files whose bytes depend on nothing but the names and contents of their members."""

import io
import zipfile
from collections.abc import Mapping

_NO_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that the format can express
_PLAIN_FILE = 0o644 << 16
_UNIX = 3


def pack_files(members: Mapping[str, bytes]) -> bytes:
    """Return a zip file, uncompressed, with its members in the order of their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, _NO_DATE)
            entry.external_attr = _PLAIN_FILE
            entry.create_system = _UNIX
            archive.writestr(entry, members[name])
    return buffer.getvalue()


def unpack_files(data: bytes) -> dict[str, bytes]:
    """Return the members of an uncompressed zip file.

    Raises `ValueError` or `zipfile.BadZipFile` for anything else, so that a small file can never
    unfold into a large one.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        for entry in entries:
            if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > len(data):
                message = f"Its member {entry.filename!r} is compressed."
                raise ValueError(message)
        if len({entry.filename for entry in entries}) != len(entries):
            message = "It has two members of one name."
            raise ValueError(message)
        return {entry.filename: archive.read(entry) for entry in entries}
