"""Text as one UTF-8 file, character for character."""

from typing import Any, ClassVar

from whence.errors import NotStorableError, UnreadableArtifactError
from whence.interfaces.materializer import SingleFileMaterializer
from whence.values.assignability import is_assignable
from whence.values.type_forms import type_name


class TextMaterializer(SingleFileMaterializer):
    """Stores a string as a UTF-8 file, its line ends as they are."""

    format: ClassVar[str] = "text/1"
    file_name: ClassVar[str] = "text.txt"

    def encode(self, value: Any, /) -> bytes:
        """Return the text as UTF-8.

        Raises `NotStorableError` for what is not a plain string, or has lone surrogates.
        """
        if type(value) is not str:
            name = type_name(type(value))
            raise self._refuse(
                name=name, reason="It would come back as a plain str.", cure="Use `str(value)`."
            )
        try:
            return value.encode()
        except UnicodeEncodeError as error:
            cure = "Use `JsonMaterializer()`, or encode the text and store bytes."
            raise self._refuse(
                name="str", reason=f"UTF-8 cannot hold it: {error}.", cure=cure
            ) from error

    def decode(self, data: bytes, as_type: Any = None, /) -> Any:
        """Return the text."""
        if as_type is not None and not is_assignable(str, as_type):
            raise self._unreadable(reason=f"It holds text, not a '{type_name(as_type)}'.")
        try:
            return data.decode()
        except UnicodeDecodeError as error:
            raise self._unreadable(reason=f"It is not UTF-8: {error}.") from error

    def _refuse(self, *, name: str, reason: str, cure: str) -> NotStorableError:
        subject = f"A value of type '{name}'"
        return NotStorableError(subject=subject, format=self.format, reason=reason, cure=cure)

    def _unreadable(self, *, reason: str) -> UnreadableArtifactError:
        cure = "Read it as `str`, or with the materializer that wrote it."
        return UnreadableArtifactError(format=self.format, reason=reason, cure=cure)
