"""Runs the benchmarks and prints their rows: `python -m benchmarks [--full] [WHICH ...]`.

What takes minutes, or is no promise, is measured only when it is named.
"""

import argparse
from collections.abc import Callable, Iterator, Mapping

from benchmarks import (
    chain,
    command_line,
    comparison,
    fresh_process,
    graph_size,
    large_values,
    many_runs,
    metric_series,
    mutation_corpus,
    peer_table,
    startup,
    step_parts,
    workers,
)
from benchmarks.machine import describe_machine
from benchmarks.measurement import Measurement

SMALL_MEBIBYTES, FULL_MEBIBYTES = 128, 1024
TITLE = f"{'':<38} {'measured':>10}    {'budget':>8}           note"

Rows = Mapping[str, Callable[[], Iterator[Measurement]]]


def main() -> None:
    """Measure what was asked for; print each row as soon as it is known."""
    parser = _make_parser()
    chosen = parser.parse_args()
    usual, named = _usual(chosen), _only_when_named(chosen)
    if unknown := set(chosen.which) - {*usual, *named, "peers"}:
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    for fact in describe_machine():
        print(fact, flush=True)
    fresh_process.compile_bytecode()
    _print_rows(_choose({**usual, **named}, chosen.which) if chosen.which else usual)
    if "peers" in chosen.which:
        for line in peer_table.measure(chosen.length, chosen.rounds):
            print(line, flush=True)


def _usual(chosen: argparse.Namespace) -> Rows:
    size = chosen.size or (FULL_MEBIBYTES if chosen.full else SMALL_MEBIBYTES)
    return {
        "startup": startup.measure,
        "chain": chain.measure,
        "compare": comparison.measure,
        "command_line": lambda: command_line.measure(full=chosen.full),
        "large_values": lambda: large_values.measure(size),
        "metric_series": metric_series.measure,
        "mutation_corpus": mutation_corpus.measure,
        "workers": workers.measure,
    }


def _only_when_named(chosen: argparse.Namespace) -> Rows:
    return {
        "search": many_runs.measure,
        "graph_size": lambda: graph_size.measure(largest=chosen.largest, plot=chosen.plot),
        "where": step_parts.measure,
    }


def _choose(rows: Rows, which: list[str]) -> Rows:
    return {name: rows[name] for name in rows if name in which}


def _print_rows(rows: Rows) -> None:
    if rows:
        print(f"\n{TITLE}")
    for measure in rows.values():
        for row in measure():
            print(render_row(row), flush=True)


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = ", ".join(_usual(argparse.Namespace(size=None, full=False)))
    parser.add_argument(
        "which",
        nargs="*",
        metavar="WHICH",
        help=f"of {names}; only when named: graph_size, peers, search, where",
    )
    parser.add_argument(
        "--full", action="store_true", help="values of 1 GiB, a store of 100,000 runs"
    )
    parser.add_argument("--size", type=int, metavar="MIB", help="size of the large values")
    parser.add_argument(
        "--largest", type=int, default=100_000, help="steps of the largest graph of graph_size"
    )
    parser.add_argument(
        "--plot", action="store_true", help="draw graph_size into the documentation"
    )
    parser.add_argument("--length", type=int, default=100, help="steps of the chains of peers")
    parser.add_argument("--rounds", type=int, default=3, help="how often peers runs each chain")
    return parser


def render_row(row: Measurement) -> str:
    """Return one line of the table; no budget, no verdict."""
    budget = "" if row.budget is None else f"<= {row.budget:g}"
    return (
        f"{row.what:<38} {row.value:>10.3g} {row.unit:<2} {budget:>8}  {row.verdict:<7}  {row.note}"
    )


if __name__ == "__main__":
    main()
