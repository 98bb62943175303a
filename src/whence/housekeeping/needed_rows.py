"""All that some runs need to be whole elsewhere: lineage upstream, contents, code, models."""

import json
import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any

from sqlalchemy import Table

from whence.housekeeping.other_store import Needed, OtherStore
from whence.metadata_stores.tables import (
    annotations,
    artifacts,
    cache_keys,
    code_texts,
    metrics,
    model_versions,
    promotions,
    runs,
    step_runs,
)

_DIGEST = re.compile(r"(?:[a-z0-9]+:)?[0-9a-f]{32,128}")


class NeededRows:
    """Grows from some runs to all that is needed to understand, and to reuse, their results.

    Of other runs that is their own record and those step runs that made, or led to, what was used.
    """

    def __init__(self, store: OtherStore) -> None:
        self._store = store
        self._found: dict[str, set[str]] = {}

    def find(self, run_ids: Collection[str]) -> Needed:
        """Return what *run_ids* need, by table."""
        steps = list(self._read(step_runs, "run_id", run_ids))
        new_runs, new_artifacts = set(run_ids), set[str]()
        while steps or new_runs or new_artifacts:
            named = _Named()
            self._add("step_runs", [row["id"] for row in steps])
            for row in steps:
                named.take_step(row)
            for row in self._read(runs, "id", self._add("runs", new_runs)):
                named.take_run(row)
            for row in self._read(artifacts, "id", self._add("artifacts", new_artifacts)):
                named.take_artifact(row)
            self._add("contents", named.digests)
            self._add("cache_keys", named.keys)
            new_runs = named.runs - self._all("runs")
            new_artifacts = named.artifacts - self._all("artifacts")
            steps = list(self._read(step_runs, "id", named.steps - self._all("step_runs")))
        self._find_models()
        self._find_code()
        return self._as_needed()

    def _find_models(self) -> None:
        versions = [
            row
            for column, wanted in (("artifact_id", "artifacts"), ("digest", "contents"))
            for row in self._read(model_versions, column, self._all(wanted))
        ]
        self._add("model_versions", [row["id"] for row in versions])
        subjects = {row["model"] for row in versions} | {row["id"] for row in versions}
        subjects |= self._all("runs") | self._all("artifacts")
        said = self._read(annotations, "subject", subjects)
        self._add("annotations", [row["id"] for row in said])
        self._find_promotions({row["model"] for row in versions})

    def _find_promotions(self, models: Collection[str]) -> None:
        """Add the history of aliases that a version bore, also how it lost them to others."""
        history = list(self._read(promotions, "model", models))
        versions = self._all("model_versions")
        borne = {(row["model"], row["alias"]) for row in history if row["version_id"] in versions}
        self._add(
            "promotions", [row["id"] for row in history if (row["model"], row["alias"]) in borne]
        )

    def _find_code(self) -> None:
        """Add the source texts that the keys name, and those that these name in turn."""
        keys = self._read(cache_keys, "key", self._all("cache_keys"))
        named = {digest for row in keys for digest in _digests_in(row["parts"])}
        while new := named - self._all("code_texts"):
            self._add("code_texts", new)
            texts = self._read(code_texts, "digest", new)
            named = {digest for row in texts for digest in _digests_in(row["text"])}

    def _as_needed(self) -> Needed:
        columns = {
            "contents": "digest",
            "cache_keys": "key",
            "code_texts": "digest",
            **dict.fromkeys(
                (
                    "artifacts",
                    "step_runs",
                    "runs",
                    "model_versions",
                    "annotations",
                    "promotions",
                ),
                "id",
            ),
        }
        needed = {name: (column, self._all(name)) for name, column in columns.items()}
        return {**needed, metrics.name: ("step_run_id", self._all("step_runs"))}

    def _all(self, table: str) -> set[str]:
        return self._found.setdefault(table, set())

    def _add(self, table: str, names: Iterable[str]) -> set[str]:
        new = set(names) - self._all(table)
        self._all(table).update(new)
        return new

    def _read(self, table: Table, column: str, wanted: Collection[str]) -> Iterator[dict[str, Any]]:
        names = [each.name for each in table.columns]
        for batch in self._store.database.find_rows(table, column, wanted):
            for row in batch:
                yield dict(zip(names, row, strict=True))


class _Named:
    """What some rows name."""

    def __init__(self) -> None:
        self.runs: set[str] = set()
        self.steps: set[str] = set()
        self.artifacts: set[str] = set()
        self.digests: set[str] = set()
        self.keys: set[str] = set()

    def take_step(self, row: dict[str, Any]) -> None:
        """Add what a step run names."""
        self.runs.add(row["run_id"])
        self._add(self.steps, row["reused_from"])
        self._add(self.keys, row["cache_key"])
        self._add(self.digests, row["log_digest"])
        for attempt in _list_in(row["attempts"]):
            if isinstance(attempt, dict):
                self._add(self.digests, attempt.get("log_digest"))  # pyright: ignore[reportUnknownMemberType]  # JSON
        for column in ("outputs", "extras"):
            for artifact in _list_in(row[column]):
                self._add(self.artifacts, artifact)
        for link in _list_in(row["inputs"]):
            if isinstance(link, list) and len(link) == 3:  # pyright: ignore[reportUnknownArgumentType]  # noqa: PLR2004  # argument, path, artifact
                self._add(self.artifacts, link[2])

    def take_run(self, row: dict[str, Any]) -> None:
        """Add what a run names."""
        self._add(self.runs, row["resumes"])
        with suppress(ValueError, TypeError, AttributeError):
            for artifact in json.loads(row["earlier_results"] or "{}").values():
                self._add(self.artifacts, artifact)

    def take_artifact(self, row: dict[str, Any]) -> None:
        """Add what an artifact names."""
        self.runs.add(row["run_id"])
        self.digests.add(row["digest"])
        self._add(self.steps, row["step_run_id"])

    @staticmethod
    def _add(names: set[str], name: Any) -> None:
        if isinstance(name, str):
            names.add(name)


def _list_in(text: str | None) -> list[Any]:
    with suppress(ValueError):
        found = json.loads(text or "[]")
        if isinstance(found, list):
            return found  # pyright: ignore[reportUnknownVariableType]  # JSON
    return []


def _digests_in(text: str) -> set[str]:
    found = set(_DIGEST.findall(text))
    return found | {each.rpartition(":")[2] for each in found}
