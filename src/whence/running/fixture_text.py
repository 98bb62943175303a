"""The text of a test that calls a step with what it took, and compares what it gives."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from whence.running.fixture_checks import FILES_OF
from whence.running.fixture_data import RECORDED
from whence.running.fixture_source import WIDTH, Imports, name_variable, wrap_line, write_text


@dataclass(frozen=True, slots=True, kw_only=True)
class TestParts:
    """What a test is put together from."""

    node: str
    name: str  # of the step, as its module knows it
    module: str
    title: str  # which run it is from
    place: Path  # of the test
    folder: str  # beside it
    root: Path | None  # to be put on the path, unless the step is found without
    own_modules: Collection[str]  # below the root
    imports: Imports
    environment: Mapping[str, str | None]
    secrets: Sequence[str]
    outputs: Sequence[str]  # names of `Output` arguments, each with its own artifact
    output_types: Mapping[str, str]
    arguments: Mapping[str, str]  # their source, by name
    targets: Sequence[str]  # names that the returned values get
    is_async: bool
    checks: Sequence[str]
    needs_folder: bool
    needs_files: bool

    __test__ = False  # pytest would take the class for tests


def write_test(parts: TestParts) -> str:
    """Return the text of a test module."""
    blocks = [_head(parts)]
    if any(RECORDED in line for line in (*parts.arguments.values(), *parts.checks)):
        parts.imports.name("pathlib", "Path")
        blocks.append(_recorded(parts))
    if parts.needs_files:
        blocks.append(FILES_OF.rstrip("\n"))
    blocks.append("\n".join(_test(parts)))
    return _join([_import(parts), *blocks[1:]], blocks[0])


def _head(parts: TestParts) -> str:
    return (
        f'"""Step `{parts.node}` gives what it gave in {parts.title}.\n\n'
        "Written by `whence fixture`, and yours from now on: edit it as you like.\n"
        '"""'
    )


def _recorded(parts: TestParts) -> str:
    return (
        f'{RECORDED} = Path(__file__).with_name("{parts.folder}")\n'
        '"""What the step took and gave, as its materializers store it."""'
    )


def _import(parts: TestParts) -> str:
    parts.imports.name(parts.module, parts.name)
    if parts.is_async:
        parts.imports.module("asyncio")
    if parts.secrets:
        parts.imports.module("os")
        parts.imports.module("pytest")
    if parts.root is None:
        return "\n".join(parts.imports.write()[0])
    parts.imports.module("sys")
    parts.imports.name("pathlib", "Path")
    first, own = parts.imports.write(parts.own_modules)
    late = "\n".join(f"{line}  # noqa: E402" for line in own)
    where = f"sys.path.insert(0, str({_write_root(parts)}))  # where the step is"
    return "\n".join([*first, "", where, "", late])


def _write_root(parts: TestParts) -> str:
    """Return the source of the folder that the step's module is in, as seen from the test."""
    here = parts.place.resolve().parent
    up = 0
    while parts.root is not None and not parts.root.is_relative_to(here):
        here, up = here.parent, up + 1
    inside = parts.root.relative_to(here).as_posix() if parts.root is not None else "."
    start = (
        "Path(__file__).resolve().parent" if up == 0 else f"Path(__file__).resolve().parents[{up}]"
    )
    return start if inside == "." else f'{start} / "{inside}"'


def _test(parts: TestParts) -> Iterator[str]:
    if parts.secrets:
        names = ", ".join(f'"{name}"' for name in parts.secrets)
        yield "@pytest.mark.skipif("
        yield f"    not all(name in os.environ for name in [{names}]),"
        yield '    reason="it needs secrets, which are not recorded",'
        yield ")"
    fixtures = ["tmp_path"] if parts.needs_folder or parts.outputs else []
    fixtures += ["monkeypatch"] if parts.environment else []
    yield f"def test_{_as_name(parts.node)}({', '.join(fixtures)}):"
    yield f'    """It gives what it gave in {parts.title}."""'
    for line in _body(parts):
        yield from (f"    {each}".rstrip() for each in wrap_line(line, 4))


def _body(parts: TestParts) -> Iterator[str]:
    for name, value in parts.environment.items():
        unset = f'monkeypatch.delenv("{name}", raising=False)'
        yield unset if value is None else f'monkeypatch.setenv("{name}", {write_text(value)})'
    written: dict[str, str] = {}
    for name in parts.outputs:
        called = written[name] = name_variable(name, "given", parts.name)
        yield f'{called} = {parts.output_types[name]}(tmp_path / "{name}")'
        yield f"{called}.path.mkdir()"
    for name, source in parts.arguments.items():
        if RECORDED in source or len(source) > WIDTH // 2:
            written[name] = name_variable(name, "given", parts.name)
            yield f"{written[name]} = {source}"
        else:
            written[name] = source
    if parts.environment or parts.outputs or any(RECORDED in s for s in parts.arguments.values()):
        yield ""
    yield _call(parts, written)
    if parts.checks:
        yield ""
        yield from parts.checks


def _call(parts: TestParts, written: Mapping[str, str]) -> str:
    given = ", ".join(f"{name}={value}" for name, value in written.items())
    call = f"{parts.name}.fn({given})"
    target = f"{', '.join(parts.targets)} = " if parts.targets else ""
    return f"{target}asyncio.run({call})" if parts.is_async else f"{target}{call}"


def _as_name(node: str) -> str:
    name = "".join(each if each.isalnum() else "_" for each in node).strip("_")
    return f"{name}_as_recorded"


def _join(blocks: Sequence[str], head: str) -> str:
    """Put the blocks together with the blank lines that a formatter wants."""
    imports, *rest = blocks
    text = f"{head}\n\n{imports}\n"
    for block in rest:
        is_definition = block.startswith(("def ", "@"))
        text += f"\n\n{block}\n" if is_definition else f"\n{block}\n"
    return text
