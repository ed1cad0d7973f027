"""The commands about cards: `registry` and `schema`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

from agent.cli import shared
from agent.cli.parser import Group
from agent.cli.streams import print_exact
from agent.errors import InputError
from agent.report.single_line import counted
from agent.text import visible

_MOST_LEFT_OUT = 1000
"""Largest number of skipped files that an import lists."""


def add(group: Group) -> None:
    """Add `registry` and `schema`."""
    verbs = Group(group.add("registry", "show, search, check and extend the cards"), "VERB")
    verbs.add("list", "list the cards", _list)
    verbs.add("show", "print a card", _show).add_argument("id", help="as `registry list` shows it")
    search = verbs.add("search", "search the cards", _search)
    search.add_argument("text", nargs="*", help="what to search for")
    search.add_argument(
        "--questions", type=shared.path, metavar="FILE", help="JSON lines {id, question}"
    )
    search.add_argument("--top", type=int, default=10, metavar="N", help="how many cards")
    search.add_argument(
        "-o", "--output", type=shared.path, metavar="FILE", help="results of --questions go here"
    )
    check = verbs.add("check", "report every problem in a registry", _check)
    check.add_argument(
        "file", nargs="*", type=shared.path,
        help="several are checked together, as they are used; default: the registry in use",
    )  # fmt: skip
    verbs.add("schema", "print the JSON Schema of a registry", _schema)
    add = verbs.add("add", "draft a card from arXiv", _add)
    add.add_argument("source", metavar="arxiv:ID", help="such as arxiv:2108.05054")
    add.add_argument("--write", action="store_true", help="append it to the registry")
    importing = verbs.add("import", "make a registry from a copy of another collection", _import)
    importing.add_argument("collection", choices=("openmodeldb",), help="the other collection")
    importing.add_argument(
        "source", type=shared.path, metavar="DIR|FILE", help="a checkout, a tar archive or a record"
    )
    importing.add_argument(
        "-o", "--output", type=shared.path, metavar="FILE", required=True, help="the new registry"
    )
    importing.add_argument("--overwrite", action="store_true", help="replace an existing file")
    refresh = "report where arXiv differs from the cards; changes nothing"
    verbs.add("refresh", refresh, _refresh)
    any_schema = group.add("schema", "print a JSON Schema", _any_schema)
    any_schema.add_argument(
        "noun",
        choices=("report", "registry", "workflow", "result", "comparison"),
        help="which schema; `run` prints a result, `replay` and `diff` print a comparison",
    )


def _list(options: argparse.Namespace) -> int:
    for card in shared.load_registry(options).cards():
        print(f"{visible(card.id)}\t{visible(card.name)}\t{visible(card.task)}")
    return 0


def _show(options: argparse.Namespace) -> int:
    card = shared.load_registry(options)[options.id]
    print_exact(json.dumps(card.model_dump(exclude_defaults=True), indent=2, ensure_ascii=False))
    return 0


def _search(options: argparse.Namespace) -> int:
    from agent.lab.evaluation.bulk import bulk_search
    from agent.search import Index

    registry = shared.load_registry(options)
    index = Index.open(registry, shared.settings(options).cache)
    if options.questions:
        if not options.output:
            raise InputError("--questions needs -o FILE for its results")
        count = bulk_search(registry, index, options.questions, options.top, options.output)
        print(f"{counted(count, 'question')} searched, results in {visible(str(options.output))}")
        return 0
    if not options.text:
        raise InputError("give a text to search for, or --questions FILE")
    for hit in index.search(" ".join(options.text), options.top):
        print(f"{hit.score:.3f}\t{visible(hit.card)}\t{visible('; '.join(hit.reasons))}")
    return 0


def _check(options: argparse.Namespace) -> int:
    from agent.registry import check

    paths = options.file or shared.settings(options).registries
    problems = check(paths)
    if not problems:
        print(f"{visible(', '.join(map(str, paths)))}: no problems")
        return 0
    for problem in problems:
        print(visible(problem), file=sys.stderr)
    return 3


def _schema(_: argparse.Namespace) -> int:
    from agent.registry import schema

    print(json.dumps(schema(), indent=2))
    return 0


def _add(options: argparse.Namespace) -> int:
    from agent.registry.arxiv_drafts import append_draft, draft

    path, *others = shared.settings(options).registries
    if options.write and others:
        raise InputError(
            "several registries are in use; name the one to extend with --registry FILE"
        )
    text = draft(options.source)
    if options.write:
        append_draft(path, text)
        print(f"Added to {visible(str(path))}; now reword its summary and claims yourself")
    else:
        print_exact(text)
    return 0


def _import(options: argparse.Namespace) -> int:
    from agent.files import write_whole
    from agent.registry.openmodeldb import import_openmodeldb

    imported = import_openmodeldb(options.source)
    where = visible(str(options.output))
    if imported.cards:
        write_whole(options.output, imported.yaml.encode(), overwrite=options.overwrite)
        print(f"{counted(imported.cards, 'card')} written to {where}")
    else:
        print(f"No card could be imported; {where} was not written")
    if imported.left_out:
        print(f"{counted(len(imported.left_out), 'file')} left out:")
    for name, reason in list(imported.left_out.items())[:_MOST_LEFT_OUT]:
        print(f"  {visible(name)}: {visible(reason)}")
    if (more := len(imported.left_out) - _MOST_LEFT_OUT) > 0:
        print(f"  and {more:,} more")
    return 0 if imported.cards else 2


def _refresh(options: argparse.Namespace) -> int:
    from agent.registry.arxiv_drafts import drift

    differences = drift(shared.load_registry(options))
    for item in differences:
        print(
            f"{visible(item.card)}: {item.field}: the registry has {visible(item.ours)!r}, "
            f"arXiv has {visible(item.theirs)!r}"
        )
    print(f"{counted(len(differences), 'difference')}; nothing was changed")
    return 0


def _any_schema(options: argparse.Namespace) -> int:
    from agent.registry import schema
    from agent.report.differences import Comparison
    from agent.report.schema import report_schema, schema_of
    from agent.systems.workflow.document import workflow_schema
    from agent.systems.workflow.execution import WorkflowResult

    schemas: dict[str, Callable[[], dict[str, Any]]] = {
        "report": report_schema,
        "registry": schema,
        "workflow": workflow_schema,
        "result": lambda: schema_of(WorkflowResult, "Result of a workflow run"),
        "comparison": lambda: schema_of(Comparison, "Comparison of two reports"),
    }
    print(json.dumps(schemas[options.noun](), indent=2))
    return 0
