"""Limits that keep the code readable: functions that fit on a screen, and no import circle."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import agent

_PACKAGE = Path(agent.__file__).parent
ROOMS = sorted(path.name for path in _PACKAGE.iterdir() if path.suffix in ("", ".py"))
ROOMS = [name for name in ROOMS if name != "__pycache__"]
_MOST_ENTRIES, _MOST_LINES, _MOST_PARAMETERS = 24, 60, 7
#: How a docstring begins to say why a function has more parameters than that.
_REASON = re.compile(r"\b(eight|nine|ten|\d+) parameters,? (since|because|as)\b", re.IGNORECASE)

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(room: str) -> dict[str, ast.Module]:
    """The modules of a room, parsed, by their dotted names."""
    place = _PACKAGE / room
    found = {}
    for path in place.rglob("*.py") if place.is_dir() else [place]:
        parts = path.relative_to(_PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text("utf-8"))
    assert found, f"there is no room {room}"
    return found


def functions(room: str) -> Iterator[tuple[str, _Function]]:
    for name, tree in modules(room).items():
        for node in ast.walk(tree):
            if isinstance(node, _Function):
                yield f"{name}:{node.lineno} {node.name}", node


def parameters(function: _Function) -> int:
    """How many things a caller can hand in, the object itself not counted."""
    given = function.args
    named = [a.arg for a in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
    named += [a.arg for a in (given.vararg, given.kwarg) if a]
    return len(named) - (named[:1] in (["self"], ["cls"]))


def imports(tree: ast.Module, known: dict[str, ast.Module]) -> set[str]:
    """Modules among `known` that one imports when it runs, in its functions too."""
    only_typed = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for statement in node.body
        for inner in ast.walk(statement)
    }
    names: list[str] = []
    for node in ast.walk(tree):
        if id(node) in only_typed:
            continue
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                names.append(inner if inner in known else node.module)
    return known.keys() & names


def test_few_things_lie_directly_in_the_package() -> None:
    entries = sorted(path.name for path in _PACKAGE.iterdir() if path.name != "__pycache__")
    assert len(entries) <= _MOST_ENTRIES, entries


@pytest.mark.parametrize("room", ROOMS)
def test_a_function_fits_on_a_screen(room: str) -> None:
    lengths = {name: (f.end_lineno or 0) - f.lineno + 1 for name, f in functions(room)}
    assert {name: n for name, n in lengths.items() if n > _MOST_LINES} == {}


@pytest.mark.parametrize("room", ROOMS)
def test_a_function_takes_few_parameters_or_says_why_not(room: str) -> None:
    many = {name: f for name, f in functions(room) if parameters(f) > _MOST_PARAMETERS}
    silent = [name for name, f in many.items() if not _REASON.search(ast.get_docstring(f) or "")]
    assert silent == [], "say in the docstring: `Eight parameters, since …`"


@pytest.mark.parametrize("room", ROOMS)
def test_no_module_imports_itself_by_way_of_others(room: str) -> None:
    known = modules(room)
    graph = {name: imports(tree, known) - {name} for name, tree in known.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"imports run in a circle: {' → '.join(reversed(error.args[1]))}")


def test_the_limits_find_what_breaks_them() -> None:
    circle = {
        "a": ast.parse("def f():\n    from b import g"),
        "b": ast.parse("import a"),
        "c": ast.parse("if TYPE_CHECKING:\n    import a\nelse:\n    import b"),
    }
    assert [imports(tree, circle) for tree in circle.values()] == [{"b"}, {"a"}, {"b"}]
    (function,) = ast.parse("def f(self, a, /, b, *c, d, **e): ...").body
    assert isinstance(function, _Function) and parameters(function) == 5
    assert _REASON.search("Eight parameters, since each is an option.")
