"""Large arrays and frames, against what their libraries do by themselves, made durable."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measurement import Measurement, best_ratio, seconds
from whence.artifact_stores.local import LocalArtifactStore
from whence.artifacts import DataArtifact
from whence.interfaces.materializer import Materializer

if TYPE_CHECKING:
    from whence.domain.contents import Content

REPEATS = 5
COLUMNS = 16


def measure(mebibytes: int) -> Iterator[Measurement]:
    """Measure one array and one frame of a size."""
    from whence.materializers import ArrowMaterializer, NumpyMaterializer

    array, frame = _make_array(mebibytes), _make_frame(mebibytes)
    size = f"{mebibytes:,} MiB"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        array_bench = _Bench(folder / "arrays", NumpyMaterializer(), array)
        yield array_bench.measure_write(f"write an array of {size}", _save_array, "np.save + fsync")
        read = array_bench.read_seconds(lambda value: value[0])
        yield Measurement(f"its first element, {size}", 1000 * read, "ms", 10)
        array_bench.drop()
        frame_bench = _Bench(folder / "frames", ArrowMaterializer(), frame)
        yield frame_bench.measure_write(f"write a frame of {size}", _save_frame, "pyarrow + fsync")
        read = frame_bench.read_seconds(lambda value: value["column_0"].iloc[0])
        yield Measurement(f"its first column, {size}", 1000 * read, "ms", 50)


class _Bench:
    """One value, one materializer, one store."""

    def __init__(self, folder: Path, materializer: Materializer, value: Any) -> None:
        self.folder = folder
        self.folder.mkdir()
        self.materializer = materializer
        self.value = value
        self.content = self._store()

    def measure_write(self, what: str, save: Callable[[Any, Path], None], note: str) -> Measurement:
        """Measure writing into a new store against *save*, in turns."""
        self._save(save)  # loads what it imports, as making this object did for ours
        ratio = best_ratio(self._store, lambda: self._save(save), REPEATS)
        return Measurement(what, ratio, "x", 1.25, f"against {note}, best of {REPEATS} each")

    def _store(self) -> "Content":
        self.drop()
        store = LocalArtifactStore(self.folder / "store")
        staging = store.open_staging()
        self.materializer.write(self.value, DataArtifact(staging))
        return store.commit(staging)

    def _save(self, save: Callable[[Any, Path], None]) -> None:
        path = self.folder / "plain"
        save(self.value, path)
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
        path.unlink()

    def read_seconds(self, touch: Callable[[Any], object]) -> float:
        """Return how long it takes to read the stored value and touch a part of it."""
        store = LocalArtifactStore(self.folder / "store")
        artifact = DataArtifact(store.fetch(self.content))
        touch(self.materializer.read(artifact))  # loads what reading imports
        return seconds(lambda: touch(self.materializer.read(artifact)))

    def drop(self) -> None:
        """Remove the store, which is read-only, so that every write finds none."""
        for path in sorted((self.folder / "store").rglob("*")):
            if path.is_dir():
                path.chmod(0o700)
        shutil.rmtree(self.folder / "store", ignore_errors=True)


def _make_array(mebibytes: int) -> Any:
    import numpy as np

    return np.random.default_rng(0).random(mebibytes * 2**20 // 8)


def _make_frame(mebibytes: int) -> Any:
    import pandas as pd

    rows = mebibytes * 2**20 // 8 // COLUMNS
    columns = _make_array(mebibytes)[: rows * COLUMNS].reshape(COLUMNS, rows)
    return pd.DataFrame({f"column_{number}": column for number, column in enumerate(columns)})


def _save_array(value: Any, path: Path) -> None:
    import numpy as np

    with path.open("wb") as file:
        np.save(file, value)


def _save_frame(value: Any, path: Path) -> None:
    import pyarrow as pa

    table = pa.Table.from_pandas(value)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
