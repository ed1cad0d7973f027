"""Every page has its place, the reference is the program's, and nothing phones out."""

from __future__ import annotations

import importlib.util
from dataclasses import fields
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from agent.cli.commands import parser
from agent.cli.manual import commands
from agent.settings import Settings

pytest.importorskip("mkdocs")
DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("site_hooks", DOCS / "site" / "hooks.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_page_has_one_place_in_the_navigation(hooks: ModuleType) -> None:
    nav = hooks.on_config(SimpleNamespace(nav=None)).nav
    placed = [page for entry in nav for pages in entry.values() for page in
              ([pages] if isinstance(pages, str) else pages)]  # fmt: skip
    assert sorted(p for p in placed if "/" not in p) == sorted(p.name for p in DOCS.glob("*.md"))


def test_the_reference_has_every_command_and_every_setting(hooks: ModuleType) -> None:
    pages = dict(hooks.reference_pages())
    assert set(pages) == set(hooks.REFERENCE)
    for about, command in commands(parser()):
        assert not about or f"## {command.prog}\n" in pages["reference/command-line.md"]
    for field in fields(Settings):
        (row,) = [
            line
            for line in pages["reference/settings.md"].splitlines()
            if line.startswith(f"| `{field.name}` |")
        ]
        assert not row.endswith("|  |"), f"the setting {field.name} has no docstring"


@pytest.mark.parametrize(
    ("page", "refused"),
    [
        ('<script src="https://cdn.example/x.js"></script>', True),
        ("<link rel=stylesheet href=//fonts.example/css>", True),
        ("<img alt=\"a\" src='http://example.org/a.png'>", True),
        ("<style>@import 'https://example.org/a.css'</style>", True),
        ("<style>a{background:url(https://example.org/a.png)}</style>", True),
        ('<a href="https://example.org">link</a> <img src="a.png">', False),
    ],
)
def test_a_page_that_loads_from_outside_is_refused(
    hooks: ModuleType, tmp_path: Path, page: str, refused: bool
) -> None:
    from mkdocs.exceptions import PluginError

    (tmp_path / "a.html").write_text(page)
    config = SimpleNamespace(site_dir=str(tmp_path))
    if refused:
        with pytest.raises(PluginError, match=r"a\.html"):
            hooks.on_post_build(config)
    else:
        hooks.on_post_build(config)


def test_files_of_the_repository_are_named_and_pages_linked(hooks: ModuleType) -> None:
    page = SimpleNamespace(file=SimpleNamespace(src_uri="model-card.md"))
    text = "[LICENSE](../LICENSE) [the code](../agent/settings.py#x) [a](../none) [b](index.md)"
    assert hooks.on_page_markdown(text, page) == (
        "`LICENSE` the code (`agent/settings.py`) [a](../none) [b](index.md)"
    )
