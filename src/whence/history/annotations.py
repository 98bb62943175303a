"""Tagging and noting runs, artifacts and models; taking it back."""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property

from whence.domain.annotations import AnnotationKind, AnnotationRecord, check_tag
from whence.domain.ids import new_id
from whence.domain.records import AnnotationChanged
from whence.errors import InvalidSettingError, RecordNotFoundError, suggest
from whence.history.people import find_user
from whence.stacks.stack import Stack

FindTags = Callable[[], Sequence[str]]


class Annotations:
    """What people said of one *subject*, known by its id; a model, by its name.

    *find_tags* looks up the tags that hold, where the annotations alone do not tell: a run also
    has those that it was started with. *tags* are those that are known already to hold.
    """

    def __init__(
        self,
        subject: str,
        stack: Stack,
        *,
        find_tags: FindTags | None = None,
        tags: Sequence[str] | None = None,
    ) -> None:
        self.subject = subject
        self._stack = stack
        self._find_tags = find_tags or self._list_tags
        self._tags = tags

    @cached_property
    def records(self) -> Sequence[AnnotationRecord]:
        """The annotations that hold, oldest first."""
        return self._stack.metadata_store.list_annotations([self.subject])

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that hold."""
        if self._tags is None:
            self._tags = self._find_tags()
        return tuple(self._tags)

    @property
    def notes(self) -> tuple[AnnotationRecord, ...]:
        """The notes that hold, oldest first: each with `.text`, `.who` and `.made_at`."""
        return tuple(each for each in self.records if each.kind is AnnotationKind.NOTE)

    def tag(self, tags: Sequence[str], who: str | None = None) -> None:
        """Give tags; one that holds already stays as it is. Raises `InvalidSettingError`."""
        checked = list(dict.fromkeys(map(_check_tag, tags)))
        self._record([self._make(AnnotationKind.TAG, tag, who) for tag in checked])

    def untag(self, tags: Sequence[str], who: str | None = None) -> None:
        """Take tags away. Raises `RecordNotFoundError`, and then takes none."""
        self._forget()
        known = self.tags
        for tag in tags:
            if tag not in known:
                raise RecordNotFoundError(kind="tag", name=tag, suggestion=suggest(tag, known))
        self._record([change for tag in tags for change in self._withdraw(tag, who)])

    def note(self, text: str, who: str | None = None) -> None:
        """Add a note. Raises `InvalidSettingError` for one that says nothing."""
        if not isinstance(text, str) or not text.strip():  # pyright: ignore[reportUnnecessaryIsInstance]  # people may give anything
            raise InvalidSettingError(
                setting="note", value=text, reason="It says nothing.", cure="Give a text."
            )
        self._record([self._make(AnnotationKind.NOTE, text.strip(), who)])

    def _list_tags(self) -> list[str]:
        given = (each.text for each in self.records if each.kind is AnnotationKind.TAG)
        return list(dict.fromkeys(given))

    def _make(self, kind: AnnotationKind, text: str, who: str | None) -> AnnotationRecord:
        by, moment = who or find_user(), datetime.now(UTC)
        return AnnotationRecord(new_id(), self.subject, kind, text, by, moment)

    def _withdraw(self, tag: str, who: str | None) -> list[AnnotationRecord]:
        """Return what takes a tag away; one that a run was started with has no record till then."""
        of_tag = (AnnotationKind.TAG, tag)
        given = [each for each in self.records if (each.kind, each.text) == of_tag]
        by, moment = who or find_user(), datetime.now(UTC)
        return [
            replace(each, withdrawn_at=moment, withdrawn_by=by)
            for each in given or [self._make(*of_tag, by)]
        ]

    def _record(self, changed: Sequence[AnnotationRecord]) -> None:
        self._stack.make_home()
        events = [AnnotationChanged(each) for each in changed]
        self._stack.metadata_store.record(events, durable=True)
        self._forget()

    def _forget(self) -> None:
        """Look everything up again when it is asked for."""
        self._tags = None
        self.__dict__.pop("records", None)


class Annotatable:
    """Something that people may tag and note: a run, a model, a version of one."""

    __slots__ = ()

    @property
    @abstractmethod
    def annotations(self) -> Annotations:
        """What people said of it."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that hold."""
        return self.annotations.tags

    @property
    def notes(self) -> tuple[AnnotationRecord, ...]:
        """What was noted, oldest first: each with `.text`, `.who` and `.made_at`."""
        return self.annotations.notes

    def tag(self, *tags: str, who: str | None = None) -> None:
        """Give it tags; one that it has already stays as it is.

        It is recorded who did so: you, if *who* is not given.
        """
        self.annotations.tag(tags, who)

    def untag(self, *tags: str, who: str | None = None) -> None:
        """Take tags away; that they were given stays recorded. Raises `RecordNotFoundError`."""
        self.annotations.untag(tags, who)

    def note(self, text: str, *, who: str | None = None) -> None:
        """Add a note."""
        self.annotations.note(text, who)


def _check_tag(tag: str) -> str:
    try:
        return check_tag(tag)
    except ValueError as error:
        cure = "Say it as a note, if it is more than a tag can hold."
        raise InvalidSettingError(setting="tag", value=tag, reason=str(error), cure=cure) from None
