"""How an attempt comes to a worker: what is shared first, own code as it is loaded here."""

from collections.abc import Sequence

from whence.domain.attempts import AttemptId
from whence.errors import StepNotSentError
from whence.interfaces.orchestrator import CodeRules, Job
from whence.orchestrators.code_places import CodePlaces
from whence.orchestrators.machine import DEVICES_VARIABLE
from whence.orchestrators.messages import Begin
from whence.orchestrators.shared_groups import Group, SharedGroups
from whence.orchestrators.worker_process import WorkerProcess


class AttemptSender:
    """Sends attempts, each of which may use at least *threads* native threads."""

    def __init__(self, code: CodeRules, threads: int) -> None:
        self._groups = SharedGroups(code.digest_of)
        self._by_name = CodePlaces(code.is_own)
        self._as_loaded = CodePlaces(code.is_own, as_loaded=True)
        self._threads = threads

    def find_groups(self, attempt: AttemptId, job: Job) -> list[Group]:
        """Return what the job shares with others. Raises `StepNotSentError`."""
        try:
            return self._groups.of_job(job)
        except Exception as error:
            raise make_unsent(attempt, error) from error

    def send(
        self, worker: WorkerProcess, attempt: AttemptId, job: Job, groups: Sequence[Group]
    ) -> None:
        """Let a worker make an attempt. Raises `StepNotSentError`, and the worker stays free."""
        places = self._as_loaded if any(each.as_loaded for each in groups) else self._by_name
        try:
            for group in groups:
                worker.share(group, places)
            packed = worker.packer.pack(job, places)
        except Exception as error:
            reason = _find_obstacle(worker, groups, places)
            raise make_unsent(attempt, error, reason) from error
        environment = {DEVICES_VARIABLE: ",".join(worker.devices)} if job.resources.gpu else {}
        threads = max(self._threads, int(job.resources.cpu))
        numbers = [group.number for group in groups]
        worker.send(Begin(attempt, packed, numbers, environment, threads))

    def take_refusal(self, job: Job) -> None:
        """Send the code of this job as it is loaded here, from now on."""
        for group in self._groups.of_job(job):
            group.as_loaded = True


def make_unsent(
    attempt: AttemptId, cause: BaseException | None, reason: str | None = None
) -> StepNotSentError:
    """Return the error for an attempt that could not be sent."""
    error = StepNotSentError(step=attempt.node, reason=reason or describe_briefly(cause))
    error.__cause__ = cause
    return error


def describe_briefly(error: BaseException | None) -> str:
    """Return an exception in one line."""
    return f"{type(error).__name__}: {error}"


def _find_obstacle(
    worker: WorkerProcess, groups: Sequence[Group], places: CodePlaces
) -> str | None:
    functions = (each for group in groups for each in group.functions)
    found = (worker.packer.find_obstacle(each, places) for each in functions)
    return next(filter(None, found), None)
