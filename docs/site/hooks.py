"""What MkDocs does with docs/: order the pages, write the reference, and let nothing phone out."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

DOCS = Path(__file__).parents[1]
REPOSITORY = DOCS.parent

#: Pages in their order, as far as they are there; what is not listed comes after the how-tos.
TUTORIAL = ("tutorial.md",)
HOW_TO = (
    "install.md", "chat.md", "serve.md", "openai.md", "mcp.md", "notebook.md", "agent.md",
    "batch.md", "replay.md", "workflow.md", "restoration.md", "compare.md", "upscalers.md",
    "identify.md", "recommend.md", "registry.md", "check.md", "evidence.md", "llavar.md", "rsa.md",
    "models.md",
)  # fmt: skip
EXPLANATION = ("explanation.md", "answers.md", "architecture.md", "figures.md")
REFERENCE = (
    "reference/command-line.md", "reference/settings.md", "reference/report.md",
    "reference/workflow.md", "reference/registry.md", "reference/changelog.md",
)  # fmt: skip

#: Addresses that a page would load by itself.
_LOADED = re.compile(
    r"""<(?:script|img|link|iframe|source|video|audio)\b[^>]*?\b(?:src|href)\s*=\s*["']?"""
    r"""(?:https?:)?//[^"'>\s]+|url\(\s*["']?(?:https?:)?//[^)]+|@import\s+["'](?:https?:)?//[^"']+""",
    re.IGNORECASE,
)
_OUT_OF_DOCS = re.compile(r"\[([^\]]+)\]\((\.\./[^)\s#]+)(?:#[^)]*)?\)")


def on_config(config: Any) -> Any:
    """The navigation: five kinds of pages, each page that is there in one of them."""
    there = sorted(path.name for path in DOCS.glob("*.md"))
    cards = [name for name in there if re.search(r"\bcard\b", name)]
    listed = {"index.md", *TUTORIAL, *HOW_TO, *EXPLANATION, *cards}
    how_to = [*HOW_TO, *(name for name in there if name not in listed)]
    config.nav = [
        {"Groundglass": "index.md"},
        {"Tutorial": [name for name in TUTORIAL if name in there]},
        {"How to": [name for name in how_to if name in there]},
        {"Explanation": [name for name in EXPLANATION if name in there]},
        {"Model cards": cards},
        {"Reference": list(REFERENCE)},
    ]
    return config


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are written by the program itself."""
    for name, text in reference_pages():
        files.append(File.generated(config, name, content=text))
    return files


def reference_pages() -> Iterator[tuple[str, str]]:
    """Name and Markdown of every page of the reference."""
    from agent.cli.commands import parser
    from agent.cli.manual import reference
    from agent.registry import schema
    from agent.report.schema import report_schema
    from agent.systems.workflow.document import workflow_schema

    yield "reference/command-line.md", reference(parser())
    yield "reference/settings.md", settings_page()
    yield "reference/report.md", _schema_page("Report", "report", report_schema())
    yield "reference/workflow.md", _kinds_page() + _schema_page("", "workflow", workflow_schema())
    yield "reference/registry.md", _schema_page("Registry", "registry", schema())
    yield "reference/changelog.md", (REPOSITORY / "CHANGELOG.md").read_text("utf-8")


def settings_page() -> str:
    """Every field of `Settings` with its type, its default and its docstring."""
    from agent.settings import Settings

    hints = get_type_hints(Settings)
    told = _docstrings(inspect.getsource(Settings))
    lines = [
        "# Settings",
        "Each is a flag of its name where a command has one, `GROUNDGLASS_` and its name in the "
        "environment, and a key of the file that `groundglass config path` prints; the first of "
        "these that gives it counts. `groundglass config` shows what holds and why.",
        "| name | type | default | |\n|---|---|---|---|",
    ]
    for field in fields(Settings):
        default = "" if field.default is MISSING else field.default
        if isinstance(default, Path):
            default = default.name
        about = " ".join(told.get(field.name, "").split())
        choices = get_args(hints[field.name]) if get_origin(hints[field.name]) is Literal else ()
        kind = ", ".join(choices) or str(field.type).replace(" | ", " or ")
        lines[-1] += f"\n| `{field.name}` | `{kind}` | `{default}` | {about} |"
    return "\n\n".join(lines).replace("| `` |", "| |") + "\n"


def _docstrings(source: str) -> dict[str, str]:
    """Name of a field to the string below it."""
    body = ast.parse(source).body[0].body  # type: ignore[attr-defined]
    return {
        field.target.id: text.value.value
        for field, text in pairwise(body)
        if isinstance(field, ast.AnnAssign)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def _kinds_page() -> str:
    from agent.systems.workflow.document import kinds

    rows = "".join(
        f"| `{name}` | {kind.stage} | {kind.says} | {_ports(kind.takes)} | {_ports(kind.gives)} |\n"
        for name, kind in kinds().items()
    )
    return (
        "# Workflow\n\n"
        f"| kind | stage | what it does | takes | gives |\n|---|---|---|---|---|\n{rows}\n"
        "A port in brackets may be left without an edge; one with … takes several.\n\n"
    )


def _ports(ports: Any) -> str:
    shown = (f"`{port.name}`{' …' * port.many}: {port.type}" for port in ports)
    return ", ".join(
        text if port.required else f"({text})" for port, text in zip(ports, shown, strict=True)
    )


def _schema_page(title: str, noun: str, schema: dict[str, Any]) -> str:
    head = f"# {title}\n\n" if title else ""
    text = json.dumps(schema, indent=2, ensure_ascii=False)
    return f"{head}JSON Schema, as `groundglass schema {noun}` prints it.\n\n```json\n{text}\n```\n"


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Name files of the repository that are no pages instead of linking them."""

    def named(found: re.Match[str]) -> str:
        path = (DOCS / page.file.src_uri).parent / found[2]
        if not path.exists() or path.resolve().is_relative_to(DOCS):
            return found[0]
        name = path.resolve().relative_to(REPOSITORY)
        return f"`{name}`" if found[1] == name.name else f"{found[1]} (`{name}`)"

    return _OUT_OF_DOCS.sub(named, markdown)


def on_post_build(config: Any) -> None:
    """Refuse a site that would ask another host for anything."""
    site = Path(config.site_dir)
    asked = [
        f"{path.relative_to(site)}: {found[0][:120]}"
        for path in sorted(site.rglob("*"))
        if path.suffix in (".html", ".css")
        for found in _LOADED.finditer(path.read_text("utf-8"))
    ]
    if asked:
        raise PluginError("pages load from outside:\n" + "\n".join(asked))
