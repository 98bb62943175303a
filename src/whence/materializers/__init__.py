"""Materializers: how values are written to artifacts and read back.

`json_values` (plain data, classes of a user's), `text`, `binary`, `paths` (files and folders),
`containers` (item by item), `pickling` (only by name), `arrays` (NumPy), `frames` and `csv_frames`
(pandas, polars, Arrow), `scikit_learn`, `keras_models`, `figures` (and images). Each is loaded when
it is first asked for.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from whence.interfaces.materializer import Materializer, SingleFileMaterializer
    from whence.materializers.arrays import NumpyMaterializer
    from whence.materializers.binary import BytesMaterializer
    from whence.materializers.containers import ContainerMaterializer
    from whence.materializers.csv_frames import CsvMaterializer
    from whence.materializers.figures import (
        FigureMaterializer,
        ImageMaterializer,
        Picture,
        PlotlyMaterializer,
    )
    from whence.materializers.frames import ArrowMaterializer, ParquetMaterializer
    from whence.materializers.json_values import JsonMaterializer
    from whence.materializers.keras_models import KerasMaterializer
    from whence.materializers.paths import PathMaterializer
    from whence.materializers.pickling import PickleMaterializer
    from whence.materializers.scikit_learn import SklearnMaterializer
    from whence.materializers.text import TextMaterializer
    from whence.registry.materializers import materializer_for, register
    from whence.values.class_names import ClassName

__all__ = [
    "ArrowMaterializer",
    "BytesMaterializer",
    "ClassName",
    "ContainerMaterializer",
    "CsvMaterializer",
    "FigureMaterializer",
    "ImageMaterializer",
    "JsonMaterializer",
    "KerasMaterializer",
    "Materializer",
    "NumpyMaterializer",
    "ParquetMaterializer",
    "PathMaterializer",
    "PickleMaterializer",
    "Picture",
    "PlotlyMaterializer",
    "SingleFileMaterializer",
    "SklearnMaterializer",
    "TextMaterializer",
    "materializer_for",
    "register",
]

_HOMES = {
    "ArrowMaterializer": "whence.materializers.frames",
    "BytesMaterializer": "whence.materializers.binary",
    "ClassName": "whence.values.class_names",
    "ContainerMaterializer": "whence.materializers.containers",
    "CsvMaterializer": "whence.materializers.csv_frames",
    "FigureMaterializer": "whence.materializers.figures",
    "ImageMaterializer": "whence.materializers.figures",
    "JsonMaterializer": "whence.materializers.json_values",
    "KerasMaterializer": "whence.materializers.keras_models",
    "Materializer": "whence.interfaces.materializer",
    "NumpyMaterializer": "whence.materializers.arrays",
    "ParquetMaterializer": "whence.materializers.frames",
    "PathMaterializer": "whence.materializers.paths",
    "PickleMaterializer": "whence.materializers.pickling",
    "Picture": "whence.materializers.figures",
    "PlotlyMaterializer": "whence.materializers.figures",
    "SingleFileMaterializer": "whence.interfaces.materializer",
    "SklearnMaterializer": "whence.materializers.scikit_learn",
    "TextMaterializer": "whence.materializers.text",
    "materializer_for": "whence.registry.materializers",
    "register": "whence.registry.materializers",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
