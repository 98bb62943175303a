"""A chain of steps in Dagster, in this process: `dagster_chain.py LENGTH FOLDER`."""

import functools

import chain_clock
from dagster import DagsterInstance, FilesystemIOManager, JobDefinition, job, op

instance = DagsterInstance.get()
files = FilesystemIOManager(base_dir=str(chain_clock.FOLDER / "storage"))


@op(config_schema={"start": int})
def begin(context) -> int:
    """Give the first number."""
    return context.op_config["start"]


@op
def add_one(value: int) -> int:
    """Give the next number."""
    return value + 1


def make_job(length: int) -> JobDefinition:
    """Tie *length* ops one after another."""

    @job(name=f"chain_of_{length}", resource_defs={"io_manager": files})
    def chain():
        value = begin()
        for _ in range(length - 1):
            value = add_one(value)

    return chain


def run_chain(chain: JobDefinition, last: str, start: int) -> int:
    """Run a job and return the output of its last op."""
    settings = {"ops": {"begin": {"config": {"start": start}}}}
    return chain.execute_in_process(run_config=settings, instance=instance).output_for_node(last)


def name_of_last(length: int) -> str:
    """Return the name that Dagster gives to the last op."""
    return "add_one" if length == 2 else f"add_one_{length - 1}"


chain_clock.report(
    lambda length: functools.partial(run_chain, make_job(length), name_of_last(length))
)
