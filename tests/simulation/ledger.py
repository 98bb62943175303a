"""What must hold in every run, kept in a ledger of its own and checked after every event."""

from collections.abc import Iterable, Mapping

from tests.simulation.scenarios import NEVER

from whence.domain.attempts import AttemptId
from whence.domain.resources import Capacity
from whence.domain.status import RunStatus, StepStatus
from whence.engine.admission import LOOK_AHEAD, PATIENCE
from whence.engine.run_events import (
    AttemptBegan,
    AttemptEnd,
    AttemptEnded,
    CancelAsked,
    DecideStep,
    EndRun,
    EndStep,
    Event,
    ExpandStep,
    Instruction,
    RetryLater,
    StartAttempt,
    StepDecided,
    StepExpanded,
    StopAttempt,
    StopCause,
    Verdict,
)
from whence.engine.step_rules import StepRules


class Broken(AssertionError):
    """A promise of the state of a run does not hold."""


def hold(claim: object, promise: str, *facts: object) -> None:
    """Raise `Broken` unless *claim* is true."""
    if not claim:
        raise Broken(" ".join([promise, *map(str, facts)]))


class Entry:
    """What the ledger knows of a node."""

    def __init__(
        self, name: str, position: int, rules: StepRules, item: "ItemEntry | None"
    ) -> None:
        self.name, self.position, self.rules, self.item = name, position, rules, item
        self.awaited = len(rules.depends_on) + len(rules.follows_items_of)
        self.followers: list[Entry] = []
        self.item_followers: list[Entry] = []
        self.unmet: list[Entry] = []  # what it cannot do without, and has to
        self.items: list[ItemEntry] | None = None
        self.end: EndStep | None = None
        self.spoilt = False  # its end goes back to a failure
        self.asked = False  # to be decided or expanded
        self.verdict: Verdict | None = None
        self.number = 0  # of the latest attempt
        self.is_running = False
        self.stop: StopCause | None = None
        self.deadline = NEVER
        self.outcome: AttemptEnd | None = None  # of the latest attempt
        self.timed_out = False
        self.retry_at: float | None = None
        self.overtaken = 0

    @property
    def is_queued(self) -> bool:
        return self.retry_at is None and self.verdict is Verdict.COMPUTE and not self.is_running

    @property
    def needs(self) -> tuple[int, int, int]:
        asked = self.rules.resources
        return round(asked.cpu * 1000), round(asked.gpu * 1000), asked.memory_bytes


class ItemEntry:
    """What the ledger knows of an item of a map."""

    def __init__(self, of: Entry) -> None:
        self.of = of
        self.nodes: list[Entry] = []

    @property
    def is_spoilt(self) -> bool:
        return any(node.spoilt for node in self.nodes)

    def holds(self, node: Entry) -> bool:
        while node.item is not None and node.item is not self:
            node = node.item.of
        return node.item is self


class Ledger:
    """Follows a run by its events and instructions alone, and checks them."""

    def __init__(self, rules: Mapping[str, StepRules], capacity: Capacity) -> None:
        self.entries: dict[str, Entry] = {}
        self.capacity = capacity
        self.cancelled = False
        self.stops_all = False
        self.run_status: RunStatus | None = None
        self.now = 0.0
        self.running: dict[str, Entry] = {}
        self.queued: dict[str, Entry] = {}
        self.retrying: dict[str, Entry] = {}
        self.to_skip: dict[str, Entry] = {}
        self._add([(rules, None)])

    # What the driver tells

    def take(self, event: Event, at: float) -> None:
        """Take note of an event, just before the state of the run does."""
        self.now = at
        self._queue_due_retries()
        match event:
            case StepDecided(node, verdict):
                self._take_verdict(self.entries[node], verdict)
            case StepExpanded(node, items):
                self._take_items(self.entries[node], items)
            case AttemptBegan(attempt) if self.is_current(attempt):
                entry = self.entries[attempt.node]
                if entry.stop is None:
                    entry.deadline = at + (entry.rules.timeout_seconds or NEVER)
            case AttemptEnded(attempt, end) if self.is_current(attempt):
                self._take_attempt_end(self.entries[attempt.node], end)
            case CancelAsked(at_once):
                self.stops_all = self.stops_all or at_once or self.cancelled
                self.cancelled = True
            case _:
                pass

    def is_current(self, attempt: AttemptId) -> bool:
        """Return whether word of this attempt is to count."""
        entry = self.entries[attempt.node]
        return entry.is_running and entry.number == attempt.number

    def _take_verdict(self, entry: Entry, verdict: Verdict) -> None:
        if entry.end is None:
            entry.asked = False
            entry.verdict = verdict
            if verdict is Verdict.COMPUTE:
                self.queued[entry.name] = entry

    def _take_items(self, entry: Entry, items: Iterable[Mapping[str, StepRules]]) -> None:
        if entry.end is not None:
            return
        entry.items = []
        groups: list[tuple[Mapping[str, StepRules], ItemEntry | None]] = []
        for nodes in items:
            item = ItemEntry(entry)
            entry.items.append(item)
            groups.append((nodes, item))
        self._add(groups)
        for follower in entry.item_followers:
            self._await_one_less(follower)

    def _take_attempt_end(self, entry: Entry, end: AttemptEnd) -> None:
        entry.is_running = False
        entry.outcome = end
        entry.timed_out = entry.stop is StopCause.TIMED_OUT and end is not AttemptEnd.COMPLETED
        del self.running[entry.name]
        if end is AttemptEnd.CANCELLED and not entry.timed_out:
            self.cancelled = True

    def _add(self, groups: Iterable[tuple[Mapping[str, StepRules], ItemEntry | None]]) -> None:
        added: list[Entry] = []
        for nodes, item in groups:
            for name, rules in nodes.items():
                entry = Entry(name, len(self.entries), rules, item)
                self.entries[name] = entry
                added.append(entry)
                if item is not None:
                    item.nodes.append(entry)
        for entry in added:
            self._tie(entry)

    def _tie(self, entry: Entry) -> None:
        for name in entry.rules.depends_on:
            needed = self.entries[name]
            needed.followers.append(entry)
            if needed.end is not None:
                self._learn_end(entry, needed)
        for name in entry.rules.follows_items_of:
            spread = self.entries[name]
            spread.item_followers.append(entry)
            if spread.items is not None:
                self._await_one_less(entry)
            elif spread.end is not None:
                entry.unmet.append(spread)
                self._await_one_less(entry)

    def _await_one_less(self, entry: Entry) -> None:
        entry.awaited -= 1
        if entry.awaited == 0 and entry.unmet and entry.end is None:
            self.to_skip[entry.name] = entry

    def _learn_end(self, entry: Entry, needed: Entry) -> None:
        if not self._can_do_with(entry, needed):
            entry.unmet.append(needed)
        self._await_one_less(entry)

    def _can_do_with(self, entry: Entry, needed: Entry) -> bool:
        assert needed.end is not None
        if needed.end.status is StepStatus.COMPLETED:
            return True
        if needed.name not in entry.rules.tolerates:
            return False
        if not needed.spoilt:
            return needed.end.status is StepStatus.SKIPPED
        item = needed.item
        return item is not None and self._may_fail(item.of) and not item.holds(entry)

    def _may_fail(self, entry: Entry) -> bool:
        assert entry.items is not None
        failures = sum(item.is_spoilt for item in entry.items)
        allowed = entry.rules.allow_failures
        if isinstance(allowed, bool):
            return allowed or failures == 0
        return failures <= (allowed if isinstance(allowed, int) else allowed * len(entry.items))

    # What the state of the run wants

    def check(self, instructions: list[Instruction]) -> None:
        """Check what is to be done after an event, and that nothing is left out."""
        for instruction in instructions:
            hold(self.run_status is None, "nothing follows the end of a run:", instruction)
            self._check(instruction)
        self._check_times()
        self._check_queue()
        hold(
            not self.to_skip or self.run_status, "a step that cannot run is skipped:", *self.to_skip
        )

    def _check(self, instruction: Instruction) -> None:
        match instruction:
            case DecideStep(node):
                self._check_asked(self.entries[node], expands=False)
            case ExpandStep(node):
                self._check_asked(self.entries[node], expands=True)
            case StartAttempt(attempt):
                self._check_start(self.entries[attempt.node], attempt.number)
            case StopAttempt(attempt, because):
                self._check_stop(self.entries[attempt.node], attempt, because)
            case RetryLater(attempt, at):
                self._check_retry(self.entries[attempt.node], attempt, at)
            case EndStep():
                self._check_end(instruction)
            case EndRun(status):
                self._check_end_of_run(status)

    def _check_asked(self, entry: Entry, *, expands: bool) -> None:
        name = entry.name
        hold(entry.rules.expands is expands, "maps are expanded, steps decided:", name)
        hold(not self.cancelled, "nothing starts after a cancellation:", name)
        hold(entry.end is None, "what has its end is left alone:", name)
        hold(not entry.awaited and not entry.unmet, "what a step needs is there:", name)
        hold(not entry.asked, "a step is decided once at a time:", name)
        hold(entry.verdict in (None, Verdict.AWAITED), "what is decided stays so:", name)
        entry.asked = True

    def _check_start(self, entry: Entry, number: int) -> None:
        name = entry.name
        hold(not self.cancelled, "nothing starts after a cancellation:", name)
        hold(entry.end is None, "what has its end is left alone:", name)
        hold(not entry.is_running, "a step has one attempt at a time:", name)
        hold(name in self.queued, "an attempt is decided, or a retry that is due:", name)
        hold(not entry.awaited and not entry.unmet, "what a step needs is there:", name)
        hold(number == entry.number + 1, "attempts are counted:", name, number)
        hold(number <= entry.rules.retries.count + 1, "retries are counted:", name, number)
        hold(self._fits(entry), "the capacity is kept to:", name)
        first = min(self.queued.values(), key=lambda each: each.position)
        if first is not entry:
            first.overtaken += 1
            hold(first.overtaken <= PATIENCE, "nobody is passed over for ever:", first.name)
        del self.queued[name]
        entry.is_running, entry.number, entry.stop, entry.overtaken = True, number, None, 0
        entry.deadline = self.now + (entry.rules.timeout_seconds or NEVER)
        self.running[name] = entry

    def _fits(self, entry: Entry) -> bool:
        if not self.running:
            return True
        most = self.capacity
        limits = [1000 * most.cpu, 1000 * most.gpu, most.memory]
        needs = [each.needs for each in [*self.running.values(), entry]]
        return len(needs) <= most.attempts and all(
            sum(amounts) <= limit
            for amounts, limit in zip(zip(*needs, strict=True), limits, strict=True)
        )

    def _check_stop(self, entry: Entry, attempt: AttemptId, because: StopCause) -> None:
        hold(self.is_current(attempt), "what is stopped is running:", attempt)
        hold(entry.stop is None, "an attempt is stopped once:", attempt)
        if because is StopCause.TIMED_OUT:
            hold(self.now >= entry.deadline, "nobody is stopped before the time:", attempt)
        else:
            hold(self.stops_all, "what runs may finish:", attempt)
        entry.stop = because

    def _check_retry(self, entry: Entry, attempt: AttemptId, at: float) -> None:
        retries = entry.rules.retries
        hold(entry.number == attempt.number, "the latest attempt is retried:", attempt)
        hold(self._is_failed(entry), "only a failure is retried:", attempt)
        hold(attempt.number <= retries.count, "retries are counted:", attempt)
        hold(not self.cancelled, "nothing starts after a cancellation:", attempt)
        full = min(retries.longest, retries.pause * retries.factor ** (attempt.number - 1))
        shortest = full * (1 - retries.jitter)
        hold(shortest <= at - self.now + 1e-9 and at - self.now <= full + 1e-9, "pauses:", attempt)
        entry.retry_at, entry.outcome = at, None
        self.retrying[entry.name] = entry
        self._queue_due_retries()

    def _queue_due_retries(self) -> None:
        for name, entry in list(self.retrying.items()):
            if entry.retry_at is not None and entry.retry_at <= self.now:
                entry.retry_at = None
                del self.retrying[name]
                self.queued[name] = entry

    def _is_failed(self, entry: Entry) -> bool:
        if entry.timed_out:
            return True
        return entry.outcome in (AttemptEnd.FAILED, AttemptEnd.LOST) and entry.stop is None

    def _check_end(self, end: EndStep) -> None:
        entry = self.entries[end.node]
        hold(entry.end is None, "a step has one end:", end)
        hold(not entry.is_running, "a running step has no end:", end)
        {
            StepStatus.COMPLETED: self._check_completed,
            StepStatus.FAILED: self._check_failed,
            StepStatus.SKIPPED: self._check_skipped,
            StepStatus.CANCELLED: self._check_cancelled,
        }[end.status](entry, end)
        success = entry.outcome is AttemptEnd.COMPLETED
        hold(not success or end.status is StepStatus.COMPLETED, "a success stays one:", end)
        entry.end = end
        for waiting in (self.queued, self.retrying, self.to_skip):
            waiting.pop(entry.name, None)
        for follower in entry.followers:
            self._learn_end(follower, entry)
        if entry.items is None:
            for follower in entry.item_followers:
                follower.unmet.append(entry)
                self._await_one_less(follower)

    def _check_completed(self, entry: Entry, end: EndStep) -> None:
        if entry.items is not None:
            self._check_items_ended(entry)
            hold(self._may_fail(entry), "a map completes in spite of what it allows only:", end)
            hold(not self._has_cancelled_item(entry), "cancelled items are no results:", end)
        else:
            was_computed = entry.outcome is AttemptEnd.COMPLETED
            hold(
                was_computed or entry.verdict is Verdict.REUSED, "what completes has a result:", end
            )

    def _check_failed(self, entry: Entry, end: EndStep) -> None:
        entry.spoilt = True
        if entry.items is not None:
            self._check_items_ended(entry)
            hold(not self._may_fail(entry), "a map fails if more failed than may:", end)
            nodes = [node for item in entry.items for node in item.nodes]
            hold(
                any(node.end and node.end.status is StepStatus.FAILED for node in nodes),
                "blame:",
                end,
            )
        elif entry.verdict is not Verdict.FAILED:
            hold(self._is_failed(entry), "what fails has failed:", end)
            is_last = entry.number > entry.rules.retries.count
            hold(is_last or self.cancelled, "retries are made:", end)

    def _check_skipped(self, entry: Entry, end: EndStep) -> None:
        if entry.items is not None:
            self._check_items_ended(entry)
            hold(not self._may_fail(entry), "a map goes without items that it needs:", end)
            entry.spoilt = True
        elif entry.verdict is not Verdict.NOT_TAKEN:
            hold(entry.awaited == 0 and entry.unmet, "what can run is not skipped:", end)
            entry.spoilt = all(each.spoilt for each in entry.unmet)
        if end.because is not None:
            cause = self.entries[end.because]
            is_root = cause.verdict in (Verdict.NOT_TAKEN, Verdict.FAILED) or cause.spoilt
            hold(is_root and cause.end, "the cause is one:", end)
            hold(cause.spoilt == entry.spoilt, "the cause is of the kind of its effect:", end)

    def _check_cancelled(self, entry: Entry, end: EndStep) -> None:
        if entry.items is not None:
            self._check_items_ended(entry)
            hold(self._has_cancelled_item(entry), "a map is cancelled by its items:", end)
            return
        hold(self.cancelled, "nobody cancelled:", end)
        if entry.number and entry.outcome is not None:
            hold(
                entry.stop is StopCause.CANCELLED or entry.outcome is AttemptEnd.CANCELLED,
                "what runs may finish:",
                end,
            )

    def _check_items_ended(self, entry: Entry) -> None:
        for item in entry.items or ():
            hold(all(node.end for node in item.nodes), "a map ends after its items:", entry.name)

    def _has_cancelled_item(self, entry: Entry) -> bool:
        nodes = [node for item in entry.items or () for node in item.nodes]
        return any(node.end and node.end.status is StepStatus.CANCELLED for node in nodes)

    def _check_end_of_run(self, status: RunStatus) -> None:
        ends = [entry.end.status for entry in self.entries.values() if entry.end]
        hold(len(ends) == len(self.entries), "every step has an end before the run:", status)
        hold(not self.running, "nothing runs after the end")
        expected = RunStatus.COMPLETED
        if any(entry.spoilt and entry.item is None for entry in self.entries.values()):
            expected = RunStatus.FAILED
        if StepStatus.CANCELLED in ends:
            expected = RunStatus.CANCELLED
        hold(status is expected, "the run ends as its steps did:", status, "not", expected)
        self.run_status = status

    def _check_times(self) -> None:
        for entry in self.running.values():
            is_late = entry.deadline <= self.now and entry.stop is None
            hold(not is_late, "an attempt out of time is stopped:", entry.name)
            if self.stops_all:
                hold(entry.stop, "all that runs is stopped:", entry.name)

    def _check_queue(self) -> None:
        """Check that who waits has a reason to."""
        if not self.queued:
            return
        hold(not self.cancelled, "a cancelled run has no queue:", *self.queued)
        first = min(self.queued.values(), key=lambda each: each.position)
        hold(not self._fits(first), "the first in the queue starts if there is room:", first.name)
        if first.overtaken < PATIENCE:
            for entry in self.queued.values():
                hold(not self._fits(entry), "who fits starts:", entry.name)

    def check_undecided(self) -> None:
        """Check that whatever is ready is decided, or waits behind many that are."""
        for entry in self.entries.values():
            is_ready = not entry.awaited and not entry.unmet and entry.end is None
            if is_ready and not entry.asked and entry.verdict is None and entry.items is None:
                alike = [
                    each
                    for each in self.entries.values()
                    if each.rules.resources == entry.rules.resources
                    and each.end is None
                    and (each.asked or each.name in self.queued)
                ]
                hold(len(alike) >= LOOK_AHEAD, "what is ready is decided:", entry.name)
