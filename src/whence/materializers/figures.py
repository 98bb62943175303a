"""Figures and images: Matplotlib's as what they draw, Plotly's and Pillow's as they are."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from whence.errors import NotStorableError, UnreadableArtifactError
from whence.interfaces.materializer import SingleFileMaterializer
from whence.materializers.optional_packages import load_package
from whence.values.assignability import is_assignable
from whence.values.type_forms import type_name

_LEAST_DPI = 150  # of a figure that is drawn: sharp on today's screens
_PLAIN_MODES = ("1", "L", "LA", "RGB", "RGBA", "I;16")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it was drawn; a notebook shows it."""

    data: bytes = field(repr=False)
    media_type: str = "image/png"

    def _repr_mimebundle_(self, **_: object) -> Mapping[str, bytes]:
        return {self.media_type: self.data}


class FigureMaterializer(SingleFileMaterializer):
    """Stores what a Matplotlib figure draws, as a PNG; it comes back as a `Picture`, or as `bytes`.

    It is for people to look at: no step can take it as a figure.
    """

    format: ClassVar[str] = "figure/1"
    file_name: ClassVar[str] = "figure.png"
    views: ClassVar[tuple[str, ...]] = ("whence.materializers.figures.Picture", "builtins.bytes")

    def encode(self, value: Any, /) -> bytes:
        """Return the picture; equal figures drawn by one version of Matplotlib have equal ones."""
        file = io.BytesIO()
        dpi = max(value.dpi, _LEAST_DPI)
        value.savefig(file, format="png", dpi=dpi, metadata={"Software": None})
        return file.getvalue()

    def decode(self, data: bytes, as_type: Any = None, /) -> Any:
        """Return the picture, or its bytes."""
        if as_type is None or is_assignable(Picture, as_type):
            return Picture(data)
        if is_assignable(bytes, as_type):
            return data
        reason = f"It holds a picture, from which no '{type_name(as_type)}' can be made."
        cure = "Read it as it is, or return what the figure was drawn from."
        raise UnreadableArtifactError(format=self.format, reason=reason, cure=cure)


class PlotlyMaterializer(SingleFileMaterializer):
    """Stores a Plotly figure as its own JSON: data and layout, no script."""

    format: ClassVar[str] = "plotly/1"
    file_name: ClassVar[str] = "figure.json"

    def encode(self, value: Any, /) -> bytes:
        """Return the figure's JSON. Raises `NotStorableError` for what is no plain figure."""
        plotly = load_package("plotly", "Plotly figures")
        if type(value) is not load_package("plotly.graph_objects", "Plotly figures").Figure:
            reason = "It would come back as a plotly.graph_objects.Figure."
            raise _refuse(self.format, value, reason, "Store `plotly.graph_objects.Figure(value)`.")
        document = json.loads(plotly.io.to_json(value, engine="json"))
        return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()

    def decode(self, data: bytes, as_type: Any = None, /) -> Any:
        """Return the figure."""
        figure_type = load_package("plotly.graph_objects", "Plotly figures").Figure
        _check_type(self.format, figure_type, as_type)
        try:
            document = json.loads(data)
            return figure_type(document["data"], document["layout"], document.get("frames"))
        except (LookupError, TypeError, ValueError) as error:
            raise _unreadable(self.format, error) from error


class ImageMaterializer(SingleFileMaterializer):
    """Stores a Pillow image as a PNG, pixel for pixel; what its `info` says beside is not kept."""

    format: ClassVar[str] = "image/1"
    file_name: ClassVar[str] = "image.png"

    def encode(self, value: Any, /) -> bytes:
        """Return the PNG. Raises `NotStorableError` for pixels that it cannot hold."""
        image = load_package("PIL.Image", "Images", "pillow")
        if value.mode not in _PLAIN_MODES or "transparency" in value.info:
            cure = "Convert it, as by `image.convert('RGBA')`."
            reason = f"A PNG would not bring back mode {value.mode!r} as it is."
            raise _refuse(self.format, value, reason, cure)
        plain = image.frombytes(value.mode, value.size, value.tobytes())
        file = io.BytesIO()
        plain.save(file, format="PNG")
        return file.getvalue()

    def decode(self, data: bytes, as_type: Any = None, /) -> Any:
        """Return the image."""
        image = load_package("PIL.Image", "Images", "pillow")
        _check_type(self.format, image.Image, as_type)
        try:
            with image.open(io.BytesIO(data), formats=["PNG"]) as opened:
                plain = opened.copy()
        except (OSError, SyntaxError, ValueError, image.DecompressionBombError) as error:
            raise _unreadable(self.format, error) from error
        plain.info = {}
        return plain


def _refuse(format_name: str, value: Any, reason: str, cure: str) -> NotStorableError:
    subject = f"A value of type '{type_name(type(value))}'"
    return NotStorableError(subject=subject, format=format_name, reason=reason, cure=cure)


def _check_type(format_name: str, found: type, as_type: Any) -> None:
    if as_type is not None and not is_assignable(found, as_type):
        name = type_name(found)
        raise UnreadableArtifactError(
            format=format_name,
            reason=f"It holds a '{name}', not a '{type_name(as_type)}'.",
            cure=f"Read it as `{name}`.",
        )


def _unreadable(format_name: str, error: Exception) -> UnreadableArtifactError:
    reason = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
    cure = "Read it with the materializer that wrote it."
    return UnreadableArtifactError(format=format_name, reason=reason, cure=cure)
