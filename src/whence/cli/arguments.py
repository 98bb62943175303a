"""What a command line gives for a pipeline: parameters, slots, and settings of nodes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from whence.authoring.pipeline_interface import PipelineSpec
from whence.errors import InvalidCommandOptionError, UnknownCommandOptionError, suggest
from whence.graph.interface import StepSpec
from whence.running.targets import Target, find_step
from whence.values.type_forms import union_members
from whence.values.validation import CommandLineText

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


class Choices(list[Any]):
    """Several values for one argument, of which each variant of a sweep takes one."""


@dataclass(slots=True)
class Given:
    """What followed the target: options of the command itself, and arguments of the pipeline."""

    own: list[str] = field(default_factory=list[str])
    arguments: dict[str, Any] = field(default_factory=dict[str, Any])


def read_arguments(
    target: Target, words: Sequence[str], own: Mapping[str, bool], *, sweeps: bool = False
) -> Given:
    """Sort what follows the target; *own* says of each option of the command if it takes a value.

    A pipeline's parameter comes before an option of the command that has the same name. With
    *sweeps*, values between commas become `Choices`. Raises a `UsageError` for what neither of them
    knows.
    """
    return _Reader(target, list(words), own, sweeps).read()


@dataclass(slots=True)
class _Reader:
    target: Target
    words: list[str]
    own: Mapping[str, bool]
    sweeps: bool
    given: Given = field(default_factory=Given)

    def read(self) -> Given:
        while self.words:
            word = self.words.pop(0)
            option, has_text, text = word.partition("=")
            if not word.startswith("-") or is_number(word):
                raise self._refuse_word(word)
            self._take(option, text if has_text else None)
        return self.given

    @property
    def _spec(self) -> PipelineSpec:
        return self.target.pipeline.spec

    def _take(self, option: str, text: str | None) -> None:
        name = option.removeprefix("--")
        argument = self._argument_of(name)
        negated = self._argument_of(name[3:]) if name.startswith("no-") else None
        if option in self.own and not self._knows(argument or negated or ""):
            self._take_own(option, text)
        elif argument is not None and option.startswith("--"):
            self._keep(option, argument, self._value(option, argument, text))
        elif negated is not None:
            self._refuse_negation(option, negated, text)
            self._keep(option, negated, CommandLineText("false"))
        else:
            raise self._unknown(option)

    def _take_own(self, option: str, text: str | None) -> None:
        if not self.own[option]:
            self.given.own.append(option if text is None else f"{option}={text}")
            return
        if text is None:
            text = self.words.pop(0) if self.words else None
        self.given.own += [option] if text is None else [option, text]

    def _argument_of(self, name: str) -> str | None:
        """Return the argument that an option names: one of the pipeline's, or `node.argument`."""
        node, dot, argument = name.rpartition(".")
        if dot:
            return f"{node}.{argument.replace('-', '_')}" if node and argument else None
        return next((each for each in (name, name.replace("-", "_")) if self._knows(each)), None)

    def _knows(self, name: str) -> bool:
        return name in self._spec.arguments

    def _keep(self, option: str, argument: str, value: Any) -> None:
        if argument in self.given.arguments:
            raise InvalidCommandOptionError(
                option=option,
                reason="It is given twice.",
                cure=f"Give it once; a list is written as JSON: {option} '[1, 2]'",
            )
        self.given.arguments[argument] = value

    def _value(self, option: str, argument: str, text: str | None) -> Any:
        if text is None:
            text = self._next_text(option, argument)
        texts = split_choices(text) if self.sweeps else [text]
        values = Choices(self._one_value(argument, each) for each in texts)
        return values if len(values) > 1 else values[0]

    def _one_value(self, argument: str, text: str) -> Any:
        known = self._spec.arguments.get(argument)
        if known is not None and known.slot is not None:
            return find_step(text, self.target)
        return CommandLineText(text)

    def _next_text(self, option: str, argument: str) -> str:
        annotation = self._annotation_of(argument)
        following = self.words[0] if self.words else None
        if following is not None and following.startswith("-") and not is_number(following):
            following = None
        if is_switch(annotation) and (following or "").lower() not in _TRUE | _FALSE:
            return "true"
        if following is not None:
            return self.words.pop(0)
        if annotation is None:  # of a node whose step is not known here: it may be a switch
            return "true"
        raise InvalidCommandOptionError(
            option=option,
            reason="It needs a value, and none follows.",
            cure=f"Write {option} VALUE, or {option}=VALUE for one that begins with a dash.",
        )

    def _annotation_of(self, argument: str) -> Any:
        """Return the type of an argument as far as it is known before the body runs."""
        known = self._spec.arguments.get(argument)
        if known is not None:
            return str if known.slot is not None else known.annotation
        node, _, name = argument.rpartition(".")
        step = self._filler(node)
        if step is None or name not in step.arguments:
            return None
        return step.arguments[name].annotation

    def _filler(self, slot: str) -> StepSpec | None:
        known = self._spec.arguments.get(slot)
        if known is None or known.slot is None:
            return None
        given = self.given.arguments.get(slot) or self.target.pipeline.bound.get(slot)
        if isinstance(given, Choices):
            return None  # one of several, which may differ in what they take
        filler = given or (known.default if hasattr(known.default, "spec") else known.slot)
        return filler.spec

    # ------------------------------------------------------------------ refusals

    def _refuse_negation(self, option: str, argument: str, text: str | None) -> None:
        annotation = self._annotation_of(argument)
        if text is not None or not (annotation is None or is_switch(annotation)):
            raise InvalidCommandOptionError(
                option=option,
                reason=f"Only a switch can be turned off, and '{argument}' is none."
                if text is None
                else "An option that turns a switch off takes no value.",
                cure=f"Write --{argument} VALUE.",
            )

    def _refuse_word(self, word: str) -> InvalidCommandOptionError:
        names = [each for each, known in self._spec.arguments.items() if known.slot is None]
        example = f"--{names[0]} {word}" if names else "--PARAMETER VALUE"
        return InvalidCommandOptionError(
            option=word,
            reason="After the target, every value has the name of its parameter before it.",
            cure=f"Write it as in `{example}`.",
        )

    def _unknown(self, option: str) -> UnknownCommandOptionError:
        known = [f"--{name.replace('_', '-')}" for name in self._spec.arguments]
        return UnknownCommandOptionError(
            option=option,
            pipeline=self._spec.name,
            suggestion=f"{suggest(option, [*known, *self.own])}\n"
            f"All are listed by: whence run {self.target.text} --help",
        )


def split_choices(text: str) -> list[str]:
    """Return the texts between the commas that stand outside of brackets, braces and quotes."""
    parts, depth, quote = [""], 0, ""
    for character in text:
        if character == "," and not depth and not quote:
            parts.append("")
            continue
        parts[-1] += character
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        else:
            depth += (character in "[{(") - (character in "]})")
    return [part.strip() for part in parts]


def is_switch(annotation: Any) -> bool:
    """Return whether an argument of this type is true or false, and nothing else but None."""
    return annotation is not None and set(union_members(annotation)) <= {bool, type(None)}


def is_number(word: str) -> bool:
    """Return whether a word that begins with a dash is a negative number."""
    try:
        float(word)
    except ValueError:
        return False
    return True


def split_at_target(
    words: Sequence[str], own: Mapping[str, bool]
) -> tuple[list[str], str | None, list[str]]:
    """Return the options before the target, the target, and what follows it."""
    is_value = False
    for index, word in enumerate(words):
        if not is_value and not word.startswith("-"):
            return list(words[:index]), word, list(words[index + 1 :])
        is_value = not is_value and own.get(word, False)
    return list(words), None, []
