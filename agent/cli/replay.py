"""The command `replay`: answer a saved report again, from the same inputs."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.cli import shared
from agent.cli.diff import print_comparison
from agent.cli.parser import Group
from agent.errors import InputError
from agent.text import visible

if TYPE_CHECKING:
    from agent.settings import Settings
    from agent.types import InputFile, Report


def add(group: Group) -> None:
    """Add `replay`."""
    command = group.add("replay", "answer a saved report again and compare", _replay)
    command.add_argument(
        "report", type=shared.path, help="a report.json, or the folder that holds it"
    )
    shared.picture_options(command)
    shared.model_options(command)
    command.add_argument("--device", metavar="NAME", help="a PyTorch device, such as cpu or cuda")
    command.add_argument(
        "-o", "--output", type=shared.folder, metavar="FOLDER", help="save the new report"
    )
    command.add_argument("--json", action="store_true", help="print the comparison as JSON")


def _replay(options: argparse.Namespace) -> int:
    from dataclasses import fields

    from agent.report.differences import compare
    from agent.report.reader import read_report
    from agent.settings import Settings

    old = read_report(options.report)
    home = options.report if options.report.is_dir() else options.report.parent
    overrides = {field.name: getattr(options, field.name, None) for field in fields(Settings)}
    changes = {name: value for name, value in overrides.items() if value is not None}
    progress = shared.progress(options)
    try:
        new = replay(old, home, options.image, changes, shared.settings(options), progress)
    finally:
        progress("")
    if options.output:
        from agent.report.folder import write

        write(new, options.output)
        print(f"Saved in {visible(str(options.output))}", file=sys.stderr)
    return print_comparison(compare(old, new), options.json)


def replay(
    report: Report,
    home: Path,
    images: Sequence[Path] = (),
    changes: Mapping[str, Any] | None = None,
    own: Settings | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Answer the question of `report` again, with its settings, pictures, registry and weights.

    Files that have moved are found by their hash: a picture among `images`, at its recorded path or
    beside the report; the registry and the weights at their recorded path or among those that ship.
    If no file has the hash, the first that exists is used, and the comparison of the reports shows
    the difference.

    Args:
        home: folder of the report.
        images: current paths of the pictures: all of them in order, or any, found by name or hash.
        changes: settings that override the recorded ones.
        own: settings of the person who replays: where files are stored, which model may be called,
            what may be sent and spent. A report may come from anywhere and has no say in those.

    Raises:
        InputError: if a picture or the brief is missing or unreadable.
        ConfigError: if a setting, the registry or the weights cannot be used.
    """
    from agent.pipeline import Agent

    agent = Agent(_settings(report, changes or {}, own))
    with tempfile.TemporaryDirectory(prefix="groundglass-") as work:
        pictures = list(_pictures(report, home, images, Path(work)))
        if report.brief:
            brief = _locate(report.brief, (report.brief.path, home / report.brief.path.name))
            again = agent.ask_brief(brief, pictures, report.question.upscale, progress)
        else:
            question = report.question.model_copy(update={"images": tuple(pictures)})
            again = agent.ask(question, progress)
    return again.model_copy(update={"question": report.question})


def _settings(report: Report, changes: Mapping[str, Any], own: Settings | None) -> Settings:
    from dataclasses import asdict

    from agent.files import DEFAULT_WEIGHTS
    from agent.settings import Settings, roles, settings_of
    from agent.systems.catalogue import RESTORERS

    allowed = {name for name, role in roles().items() if role.decided_by == "report"}
    values: dict[str, Any] = {k: v for k, v in report.settings.items() if k in allowed}
    restored = (r for r in report.runs if r.status == "ran" and r.tool in RESTORERS)
    weights = next((run.provenance.weights_sha256 for run in restored), None)
    if "weights" in values:
        values["weights"] = _likely((Path(str(values["weights"])), DEFAULT_WEIGHTS), weights)
    if "registry" in values:
        values["registry"] = _registries(values["registry"], report)
    return settings_of({**asdict(own or Settings()), **values, **changes})


def _registries(recorded: object, report: Report) -> list[Path]:
    """Locate the registries of a report; the hash is known only if there is just one."""
    from agent.files import DEFAULT_REGISTRY, UPSCALERS, shipped_registry

    paths = [Path(str(each)) for each in (recorded if isinstance(recorded, list) else [recorded])]
    shipped = (DEFAULT_REGISTRY, UPSCALERS)
    digest = None if report.brief or len(paths) > 1 else report.registry_sha256
    locations = []
    for path in paths:
        candidate = shipped_registry(path) or path
        alike = [place for place in shipped if place.name == path.name]
        locations.append(
            _likely((candidate, *alike, *([DEFAULT_REGISTRY] if digest else ())), digest)
        )
    return locations


def _pictures(report: Report, home: Path, images: Sequence[Path], work: Path) -> Iterable[Path]:
    """Yield the current path of each picture of the report, under its recorded name."""
    from agent.types import InputFile

    recorded = report.inputs or [InputFile(path=path, sha256="") for path in report.question.images]
    for i, item in enumerate(recorded):
        same_name = [path for path in images if path.name == item.path.name]
        placed = [images[i]] if len(images) == len(recorded) else []
        path = _locate(item, (*_with_hash(images, item.sha256), *placed, *same_name, item.path,
                             home / item.path.name))  # fmt: skip
        if path.name != item.path.name:  # evidence ids begin with the name
            moved = work / str(i) / item.path.name
            moved.parent.mkdir()
            shutil.copyfile(path, moved)
            path = moved
        yield path


def _locate(item: InputFile, places: Iterable[Path]) -> Path:
    path = _likely(places, item.sha256)
    if not path.is_file():
        raise InputError(
            f"{visible(str(item.path))} no longer exists; give its new path with --image FILE"
        )
    return path


def _likely(places: Iterable[Path], digest: str | None) -> Path:
    """Return the first file with that hash, else the first existing file, else the first path."""
    candidates = list(places)
    there = [path for path in candidates if path.is_file()]
    equal = _with_hash(there, digest) if digest else []
    return (equal + there + candidates)[0]


def _with_hash(paths: Iterable[Path], digest: str) -> list[Path]:
    from agent.files import sha256_of

    return [path for path in paths if path.is_file() and sha256_of(path) == digest]
