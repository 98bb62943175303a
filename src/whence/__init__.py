"""Whence: machine-learning pipelines in which every result can say whence it came.

What a pipeline author imports. Names are loaded when they are first used, so that `import whence`
costs little; `__init__.pyi` beside this file tells type checkers their types.
"""

# pyright: reportUnsupportedDunderAll=false
# The names are there: `__getattr__` gives them.

import importlib
from typing import Any

from whence import errors
from whence.domain.version import __version__

_PLACES = {
    "File": "whence.domain.remote_files:RemoteFile",
    "Input": "whence.authoring.markers",
    "Metric": "whence.domain.metrics",
    "ModelVersion": "whence.history.models.versions",
    "Output": "whence.authoring.markers",
    "Plan": "whence.graph.plan",
    "Resources": "whence.domain.resources",
    "Replay": "whence.running.replay",
    "Retries": "whence.domain.retries",
    "Run": "whence.history.runs",
    "Step": "whence.authoring.markers",
    "Sweep": "whence.history.sweeps",
    "SweepPlan": "whence.running.sweep_plan",
    "accept": "whence.history.accepted_changes",
    "acceptances": "whence.history.accepted_changes:list_acceptances",
    "artifact": "whence.history.references.earlier_results:find_artifact",
    "cancel": "whence.history.cancel_run",
    "checkpoint": "whence.engine.checkpoints",
    "compare": "whence.history.comparing.compare_runs",
    "connect": "whence.authoring.connecting",
    "debug": "whence.running.debugging",
    "file": "whence.authoring.remote_files:find_remote_file",
    "last_checkpoint": "whence.engine.checkpoints",
    "log_artifact": "whence.engine.step_context",
    "log_metadata": "whence.engine.step_context",
    "log_metric": "whence.engine.step_context",
    "log_metrics": "whence.engine.step_context",
    "model": "whence.history.models.versions:find_model",
    "models": "whence.history.models.lists:list_models",
    "pipeline": "whence.running.decorators",
    "progress": "whence.engine.step_context",
    "promote": "whence.history.models.promoting",
    "resume": "whence.running.resume_run",
    "rollback": "whence.history.models.promoting",
    "run": "whence.history.lookups:find_run",
    "runs": "whence.history.lookups:list_runs",
    "step": "whence.running.decorators",
    "sweep": "whence.running.sweeping",
    "when": "whence.authoring.branching",
    "why": "whence.history.step_reasons:explain_step",
    "withdraw": "whence.history.accepted_changes",
}

__all__ = [
    "File",
    "Input",
    "Metric",
    "ModelVersion",
    "Output",
    "Plan",
    "Replay",
    "Resources",
    "Retries",
    "Run",
    "Step",
    "Sweep",
    "SweepPlan",
    "__version__",
    "accept",
    "acceptances",
    "artifact",
    "cancel",
    "checkpoint",
    "compare",
    "connect",
    "debug",
    "errors",
    "file",
    "last_checkpoint",
    "log_artifact",
    "log_metadata",
    "log_metric",
    "log_metrics",
    "model",
    "models",
    "pipeline",
    "progress",
    "promote",
    "resume",
    "rollback",
    "run",
    "runs",
    "step",
    "sweep",
    "when",
    "why",
    "withdraw",
]


def __getattr__(name: str) -> Any:
    place = _PLACES.get(name)
    if place is None:
        msg = f"module 'whence' has no attribute {name!r}"
        raise AttributeError(msg)
    module, _, attribute = place.partition(":")
    value = getattr(importlib.import_module(module), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
