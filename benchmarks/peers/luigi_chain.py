"""A chain of steps in Luigi: `luigi_chain.py LENGTH FOLDER`."""

import functools

import chain_clock
import luigi


class Number(luigi.Task):
    """The number at a place of a chain, in a file of its own."""

    start = luigi.IntParameter()
    position = luigi.IntParameter()

    def requires(self):
        """Ask for the number before."""
        return Number(self.start, self.position - 1) if self.position else []

    def output(self):
        """Say where the number is."""
        return luigi.LocalTarget(chain_clock.FOLDER / f"{self.start}_{self.position}.txt")

    def run(self):
        """Write the next number."""
        value = self.start
        if self.position:
            with self.input().open() as file:
                value = int(file.read()) + 1
        with self.output().open("w") as file:
            file.write(str(value))


def run_chain(length: int, start: int) -> int:
    """Have the last number of a chain made and return it."""
    last = Number(start, length - 1)
    assert luigi.build([last], local_scheduler=True, log_level="WARNING")
    with last.output().open() as file:
        return int(file.read())


chain_clock.report(lambda length: functools.partial(run_chain, length))
