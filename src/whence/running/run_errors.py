"""What a failed run raises: the user's own exceptions, with notes."""

import contextlib
from collections.abc import Mapping
from typing import Any, NoReturn

from whence.domain.ids import short_id
from whence.domain.records import RunRecord


def raise_failures(run: RunRecord, failures: Mapping[str, BaseException], view: Any) -> NoReturn:
    """Raise what the failed steps raised: one exception as it is, several as a group.

    Each carries a note that names run and step; what is raised has the run as `whence_run`.
    """
    for node, error in failures.items():
        with contextlib.suppress(Exception):  # a frozen exception takes no notes
            error.add_note(
                f"In step '{node}' of run {short_id(run.id)} of pipeline '{run.pipeline}'."
                f" See: whence show {short_id(run.id)}, whence logs {short_id(run.id)} {node}"
            )
    raised = _combine(run, list(failures.values()))
    object.__setattr__(raised, "whence_run", view)  # the promised attribute, on frozen ones too
    raise raised


def _combine(run: RunRecord, errors: list[BaseException]) -> BaseException:
    if len(errors) == 1:
        return errors[0]
    message = f"{len(errors)} steps of run {short_id(run.id)} of pipeline '{run.pipeline}' failed"
    return BaseExceptionGroup(message, errors)
