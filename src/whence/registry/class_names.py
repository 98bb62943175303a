"""Which classes a stored content names: asked of the materializer that reads its format."""

from collections.abc import Callable, Sequence

from whence.interfaces.materializer import ReadFile
from whence.registry.materializers import materializer_for_format
from whence.values.class_names import ClassName


def list_class_names(format_name: str, read_file: ReadFile) -> Sequence[ClassName]:
    """Return the classes that the files of a content name; most formats can name none.

    Raises `UnknownFormatError` or `MissingPackageError` where nothing here reads the format, and
    what the materializer raises for files that it cannot read.
    """
    reader = materializer_for_format(format_name)
    names_classes: Callable[[ReadFile], Sequence[ClassName]] | None = getattr(
        reader, "list_class_names", None
    )  # as `NamesClasses`, which is slow to ask for
    return () if names_classes is None else names_classes(read_file)
