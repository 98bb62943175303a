"""What runs are searched by, from what people give: names, moments, conditions."""

from collections.abc import Mapping, Sequence
from typing import Any

from whence.domain.records import RunFilter, RunRecord
from whence.domain.run_filters import Condition, OrderBy, Quantity, RunOrder
from whence.domain.status import RunStatus
from whence.errors import InvalidSearchError, InvalidSettingError, UnknownQuantityError, suggest
from whence.history.models.recorded import RecordedModels
from whence.history.searching.conditions import (
    make_conditions,
    name_quantities,
    parse_condition,
    parse_order,
)
from whence.interfaces.metadata_store import MetadataStore

_MOST_SUGGESTED = 1_000  # names that are looked through for one that may be meant
_EXAMPLES = {
    "pipeline": "training",
    "name": "nightly",
    "model": "delay@3",
    "note": "trend",
    "order": "-rmse",
}
_KINDS = {
    Quantity.METRIC: "metric",
    Quantity.PARAMETER: "parameter",
    Quantity.EITHER: "metric or parameter",
}


def check_given(limit: object, **texts: object) -> None:
    """Refuse what no search can use, before a store is asked. Raises `InvalidSearchError`."""
    if limit is not None and (not isinstance(limit, int) or limit < 0):
        reason = "`limit` is how many runs are wanted."
        cure = "Give a whole number, or None for all of them."
        raise InvalidSearchError(given=limit, reason=reason, cure=cure)
    for name, text in texts.items():
        if text is not None and not isinstance(text, str):
            reason = f"`{name}` is a text, and this is of type {type(text).__qualname__}."
            cure = f'Give a name, as in whence.runs({name}="{_EXAMPLES[name]}").'
            raise InvalidSearchError(given=text, reason=reason, cure=cure)


def read_conditions(
    where: str | Sequence[str], parameters: Mapping[str, Any] | None
) -> tuple[Condition, ...]:
    """Return the conditions that are given, all of which must hold."""
    texts = [where] if isinstance(where, str) else where
    return (*map(parse_condition, texts), *make_conditions(parameters or {}))


def read_order(store: MetadataStore, text: str) -> RunOrder:
    """Return the order that *text* names; a name alone is a metric, or else a parameter.

    Raises `UnknownQuantityError`.
    """
    quantity, order = parse_order(text)
    if order.by in {OrderBy.STARTED, OrderBy.DURATION}:
        return order
    kinds = {Quantity.EITHER: (Quantity.METRIC, Quantity.PARAMETER)}.get(quantity, (quantity,))
    for kind in kinds:
        if store.has_quantity(kind, order.name):
            return RunOrder(OrderBy(kind.value), order.name, order.descending)
    _refuse(store, quantity, order.name)
    return order


def read_model(store: MetadataStore, text: str) -> tuple[str, tuple[str, ...]]:
    """Return the model that *text* names and, of a version, the digest of its content.

    A version that was made again with the same content is the same version: all these runs made
    it. Raises `RecordNotFoundError` and `AmbiguousNameError`.
    """
    if store.list_artifacts(model=text, limit=1):
        return text, ()  # also one that has no numbered version yet
    model, version = RecordedModels(store).split(text)
    return model.name, () if version is None else (model.find(version).record.digest,)


def search(store: MetadataStore, wanted: RunFilter) -> list[RunRecord]:
    """Return the runs that are wanted.

    Raises `UnknownQuantityError` where there are none because no run has what is asked about.
    """
    found = store.list_runs(wanted)
    if not found:
        for quantity, name in name_quantities(wanted.conditions, RunOrder()):
            if not store.has_quantity(quantity, name):
                _refuse(store, quantity, name)
    return found


def _refuse(store: MetadataStore, quantity: Quantity, name: str) -> None:
    """Raise the error of a name that no run has; before the first run there is nothing to say."""
    if not store.list_runs(RunFilter(limit=1)):
        return
    known = store.list_quantities(quantity, _MOST_SUGGESTED)
    of_nodes = [each for each in known if each.endswith(f".{name}")]
    offer = f"Did you mean {of_nodes[0]!r}?" if of_nodes else suggest(name, known)
    reason = "The parameters of steps are named with their nodes." if of_nodes else ""
    raise UnknownQuantityError(kind=_KINDS[quantity], name=name, reason=reason, suggestion=offer)


def parse_status(status: RunStatus | str) -> RunStatus:
    """Return a status. Raises `InvalidSettingError`, which offers the one that may be meant."""
    try:
        return RunStatus(status)
    except ValueError:
        known = [each.value for each in RunStatus]
        raise InvalidSettingError(
            setting="status",
            value=status,
            reason="Runs have no such status.",
            cure=suggest(status, known),
        ) from None
