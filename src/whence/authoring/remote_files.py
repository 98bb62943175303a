"""`whence.file`: names a file that stays where it is, with the version that is there now."""

from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from whence.authoring.places import calling_place
from whence.domain.contents import hash_bytes
from whence.domain.remote_files import RemoteFile
from whence.errors import FileNotReachedError

_TIMEOUT_SECONDS = 30


def find_remote_file(uri: str) -> RemoteFile:
    """Return the file at *uri* (`https://`, `http://`, `file://`) with its present version.

    A step takes it as a parameter of type `whence.File` and runs again when the version has
    changed. For a local file that is to be looked at by its content, take a `Path` instead. Raises
    `FileNotReachedError`.
    """
    scheme = urlsplit(uri).scheme
    if scheme in {"http", "https"}:
        return RemoteFile(uri, _ask_server(uri))
    if scheme == "file":
        return RemoteFile(uri, _look_at(uri))
    cure = "Known are http, https and file; for a local file, take a `Path`."
    raise _not_reached(uri, f"Nothing is known of addresses of scheme '{scheme}'.", cure)


def _ask_server(uri: str) -> str:
    try:
        with urlopen(Request(uri, method="HEAD"), timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310  # its scheme was checked
            headers = answer.headers
    except (OSError, HTTPException, URLError) as error:
        raise _not_reached(
            uri, f"{type(error).__name__}: {error}.", "Check the address."
        ) from error
    if headers["ETag"]:
        return headers["ETag"]
    if headers["Last-Modified"]:
        return f"{headers['Last-Modified']}, {headers['Content-Length']} bytes"
    cure = "Load it in a step that says `cache='1d'` or `cache=False`."
    raise _not_reached(uri, "The server gives no version (`ETag` or `Last-Modified`).", cure)


def _look_at(uri: str) -> str:
    try:
        return hash_bytes(Path(unquote(urlsplit(uri).path)).read_bytes())
    except OSError as error:
        raise _not_reached(uri, f"{error.strerror}.", "Check the address.") from error


def _not_reached(uri: str, reason: str, cure: str) -> FileNotReachedError:
    return FileNotReachedError(where=calling_place(), uri=uri, reason=reason, cure=cure)
