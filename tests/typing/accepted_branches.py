"""Steps that run only if a truth value says so, and maps of which items may fail."""

from whence import pipeline, step, when


@step
def is_large(n: int) -> bool:
    return n > 2


@step
def double(n: int) -> int:
    return 2 * n


@step
def pick(first: int | None, second: int | None) -> int:
    return first or second or 0


@step
def count(values: list[int | None]) -> int:
    return len(values)


@pipeline
def nested(n: int) -> int:
    return double(n)


@pipeline
def branches(n: int, wanted: bool = True) -> int:
    large = is_large(n)
    with when(large):
        doubled = double(n)
        with when(wanted):
            double(doubled)
    with when(large, is_=False), when(wanted):
        other = double(n)
    return pick(doubled, other)


@pipeline
def tolerant(sizes: list[int]) -> int:
    count(nested.with_options(allow_failures=2).map(sizes))
    return count(double.with_options(allow_failures=0.1).map(sizes))


print(branches(3).read() + 1, tolerant([1, 2]).read() + 1)
