"""Bytes as one file."""

from typing import Any, ClassVar

from whence.errors import NotStorableError, UnreadableArtifactError
from whence.interfaces.materializer import SingleFileMaterializer
from whence.values.assignability import is_assignable
from whence.values.type_forms import runtime_class, type_name, union_members


class BytesMaterializer(SingleFileMaterializer):
    """Stores `bytes` as they are; a reader may also ask for a `bytearray` or `memoryview`.

    Of these only `bytes` is written: the file does not say which of the three it was.
    """

    format: ClassVar[str] = "bytes/1"
    file_name: ClassVar[str] = "data.bin"
    views: ClassVar[tuple[str, ...]] = ("builtins.bytearray", "builtins.memoryview")

    def encode(self, value: Any, /) -> bytes:
        """Return the bytes.

        Raises `NotStorableError` for what is not plain `bytes`.
        """
        if type(value) is bytes:
            return value
        raise NotStorableError(
            subject=f"A value of type '{type_name(type(value))}'",
            format=self.format,
            reason="It would come back as bytes.",
            cure="Use `bytes(value)`.",
        )

    def decode(self, data: bytes, as_type: Any = None, /) -> Any:
        """Return the bytes, or a `bytearray` or `memoryview` where *as_type* asks for one."""
        if as_type is None or is_assignable(bytes, as_type):
            return data
        for member in union_members(as_type):
            view = runtime_class(member)
            if view is bytearray or view is memoryview:
                return view(data)
        raise UnreadableArtifactError(
            format=self.format,
            reason=f"It holds bytes, not a '{type_name(as_type)}'.",
            cure="Read it as `bytes`, `bytearray` or `memoryview`.",
        )
