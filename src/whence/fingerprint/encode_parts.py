"""Each kind of part as tagged bytes: functions, classes, modules, constants, packages, files."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import FunctionType
from typing import Any

from whence.fingerprint.class_members import list_members
from whence.fingerprint.code_form import read_code
from whence.fingerprint.encode_values import ValueEncoder
from whence.fingerprint.resolve_lookups import LookupResolver
from whence.fingerprint.tagged import tagged, text
from whence.fingerprint.walk import Target


def encode_part(target: Target, encoder: ValueEncoder, step_name: str) -> bytes:
    """Return one part as bytes, and let *encoder* collect what it refers to.

    The step's own name does not count, so a function that bears it is told without it.
    """
    if target.kind == "function":
        return _encode_function(target.value, encoder, step_name)
    return _ENCODERS[target.kind](target.value, encoder)


def _encode_function(function: FunctionType, encoder: ValueEncoder, step_name: str) -> bytes:
    form = read_code(function.__code__)
    encoder.walk.names |= form.names
    encoder.walk.rebinds |= form.rebinds
    resolver = LookupResolver(function, encoder)
    name = b"" if function.__name__ == step_name else text(function.__name__)
    looked_up = [resolver.resolve(each) for each in form.lookups]
    defaults = encoder.encode((function.__defaults__, function.__kwdefaults__))
    attributes = {key: function.__dict__[key] for key in sorted(function.__dict__)}
    held = encoder.encode(attributes) if attributes else b""
    return tagged("function", name, form.encoding, defaults, held, *looked_up)


def _encode_class(cls: type, encoder: ValueEncoder) -> bytes:
    members = [
        tagged("member", text(name), encoder.encode(value)) for name, value in list_members(cls)
    ]
    if encoder.walk.with_subclasses:
        members += [encoder.encode(each) for each in type.__subclasses__(cls)]
    return tagged("class", text(cls.__qualname__), *members)


def _encode_module(names: Mapping[str, Any], encoder: ValueEncoder) -> bytes:
    parts: list[bytes] = []
    for name in sorted(names):
        if not (name.startswith("__") and name.endswith("__")):
            parts += [text(name), encoder.encode(names[name])]
    return tagged("module", *parts)


def _encode_file(file: str, _encoder: ValueEncoder) -> bytes:
    return tagged("file", Path(file).read_bytes())


def _encode_package(package: Any, _encoder: ValueEncoder) -> bytes:
    return tagged("package", text(package.name), text(package.version))


def _encode_value(value: Any, encoder: ValueEncoder) -> bytes:
    return tagged("constant", encoder.encode(value))


_ENCODERS: Mapping[str, Callable[[Any, ValueEncoder], bytes]] = {
    "class": _encode_class,
    "module": _encode_module,
    "file": _encode_file,
    "package": _encode_package,
    "constant": _encode_value,
}
