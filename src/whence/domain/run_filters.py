"""What runs are searched by: conditions on their metrics and parameters, and their order."""

from enum import StrEnum
from typing import Literal

from whence.domain.frozen import frozen

Operator = Literal["<", "<=", ">", ">=", "=", "!="]
Comparable = float | str | bool | None
"""What a metric or parameter is compared with; numbers equal no text, and True is no number."""


class Quantity(StrEnum):
    """What a name stands for."""

    METRIC = "metric"
    PARAMETER = "parameter"
    EITHER = "either"  # a metric or a parameter, whichever a run has


@frozen
class Condition:
    """`rmse<3.2`: true of a run that has some value of that name which compares so."""

    quantity: Quantity
    name: str
    operator: Operator
    value: Comparable


class OrderBy(StrEnum):
    """What runs are ordered by."""

    STARTED = "started"
    DURATION = "duration"
    METRIC = "metric"
    PARAMETER = "parameter"


@frozen
class RunOrder:
    """How runs are ordered; those that lack what they are ordered by come last, newest first."""

    by: OrderBy = OrderBy.STARTED
    name: str = ""  # of the metric or parameter
    descending: bool = True


NEWEST_FIRST = RunOrder()
