"""Runs the benchmarks and prints one table: `python -m benchmarks [--full] [WHICH ...]`."""

import argparse
from collections.abc import Callable, Iterator, Mapping

from benchmarks import (
    chain,
    command_line,
    fresh_process,
    large_values,
    mutation_corpus,
    startup,
    workers,
)
from benchmarks.machine import describe_machine
from benchmarks.measurement import Measurement

SMALL_MEBIBYTES, FULL_MEBIBYTES = 128, 1024
TITLE = f"{'':<38} {'measured':>10}    {'budget':>8}           note"


def main() -> None:
    """Measure what was asked for; print each row as soon as it is known."""
    chosen = _parse_arguments()
    for fact in describe_machine():
        print(fact)
    fresh_process.compile_bytecode()
    print(f"\n{TITLE}")
    for name, measure in _benchmarks(full=chosen.full, mebibytes=chosen.size).items():
        if not chosen.which or name in chosen.which:
            for row in measure():
                print(render_row(row), flush=True)


def _benchmarks(
    *, full: bool, mebibytes: int | None
) -> Mapping[str, Callable[[], Iterator[Measurement]]]:
    size = mebibytes or (FULL_MEBIBYTES if full else SMALL_MEBIBYTES)
    return {
        "startup": startup.measure,
        "chain": chain.measure,
        "command_line": lambda: command_line.measure(full=full),
        "large_values": lambda: large_values.measure(size),
        "mutation_corpus": mutation_corpus.measure,
        "workers": workers.measure,
    }


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "which",
        nargs="*",
        metavar="WHICH",
        help=f"of {', '.join(_benchmarks(full=False, mebibytes=1))}",
    )
    parser.add_argument(
        "--full", action="store_true", help="values of 1 GiB, a store of 100,000 runs"
    )
    parser.add_argument("--size", type=int, metavar="MIB", help="size of the large values")
    arguments = parser.parse_args()
    if unknown := set(arguments.which) - set(_benchmarks(full=False, mebibytes=1)):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    return arguments


def render_row(row: Measurement) -> str:
    """Return one line of the table; no budget, no verdict."""
    budget = "" if row.budget is None else f"<= {row.budget:g}"
    return (
        f"{row.what:<38} {row.value:>10.3g} {row.unit:<2} {budget:>8}  {row.verdict:<7}  {row.note}"
    )


if __name__ == "__main__":
    main()
