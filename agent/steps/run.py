"""Run the tools of the matched cards, and of the cards that complement them, on the pictures.

How many run is the level of evidence: `agent.tools.LEVELS`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import PurePath
from typing import TYPE_CHECKING

from agent.errors import InputError
from agent.registry import Registry
from agent.settings import Settings
from agent.text import visible
from agent.tools import INSIDE, LEVELS, TOOLS, Job, load
from agent.types import Card, Match, ParsedQuestion, Question, RunResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.imaging.picture import Picture

#: What tools made of pictures before: by everything that a result depends on.
Memory = dict[tuple[str, ...], tuple[RunResult, dict[str, bytes]]]
_MOST_REMEMBERED = 10  # a result holds its pictures

_MOST_CHARACTERS = 60
_LARGEST_FACTOR = 8


def run(
    question: Question,
    parsed: ParsedQuestion,
    matches: Sequence[Match],
    registry: Registry,
    settings: Settings,
    progress: Callable[[str], None] = lambda _: None,
    memory: Memory | None = None,
) -> tuple[tuple[RunResult, ...], dict[str, bytes]]:
    """Run every fitting tool of the level `settings.evidence` once on every attached picture.

    `restore` comes first, and the pictures that it makes are handed to the tools after it. What
    `memory` holds is not run again; what ran is added to it.

    All pictures are read before anything runs. What cannot run gives a result with the status
    `skipped` or `failed` and its reason; nothing that a tool does ends the question.

    Returns:
        Results in the order of the pictures, and PNG bytes by artefact name.

    Raises:
        InputError: when a picture cannot be read.
    """
    if not question.images:
        return (), {}
    from agent.imaging.reading import read

    pictures = [read(path) for path in question.images]
    tools = _tools(matches, registry)
    chosen = [(card, tool) for card, tool in tools if tool in LEVELS[settings.evidence]]
    factor = _factor(question, parsed)
    results: list[RunResult] = []
    files: dict[str, bytes] = {}
    for picture, stem in zip(pictures, _stems(pictures), strict=True):
        if not chosen:
            card = next((match.card for match in matches), "")
            results.append(_skipped(card, "", picture, _why_nothing(matches, bool(tools))))
        versions: dict[str, Picture] = {}
        for card, tool in chosen:
            job = Job(card, picture, stem, factor, versions)
            result, made = _remembered(tool, job, settings, progress, memory)
            results.append(result)
            files |= made
            if tool == "restore":
                versions = _versions(job, made)
    return tuple(results), files


def _tools(matches: Sequence[Match], registry: Registry) -> list[tuple[str, str]]:
    """Card id and tool key, each tool once, in the order in which they run.

    A tool of several cards runs for the first: matched cards come before those that they name.
    """
    cards = [registry[match.card] for match in matches]
    related: list[Card] = [registry[i] for card in cards for i in card.related if i in registry]
    owners: dict[str, str] = {}
    for card in (*cards, *related):
        if card.tool is not None:
            for tool in (card.tool, *INSIDE.get(card.tool, ())):
                owners.setdefault(tool, card.id)
    return [(owners[tool], tool) for tool in LEVELS["full"] if tool in owners and tool in TOOLS]


def _versions(job: Job, made: Mapping[str, bytes]) -> dict[str, Picture]:
    """The pictures that `restore` made, under the name of the picture that they were made of."""
    from agent.imaging.reading import read_bytes

    files = {label: f"{job.stem}-{label}.png" for label in ("input", "enlarged", "restored")}
    with suppress(InputError, MemoryError):  # without them other tools do what they can
        return {
            label: read_bytes(made[file], job.picture.name, file)
            for label, file in files.items()
            if file in made
        }
    return {}


def _factor(question: Question, parsed: ParsedQuestion) -> int:
    if question.upscale is not None:
        return question.upscale
    named = parsed.factor
    if parsed.operation != "enlarge" or named is None or not float(named).is_integer():
        return 1
    return int(named) if 1 <= named <= _LARGEST_FACTOR else 1


def _remembered(
    tool: str,
    job: Job,
    settings: Settings,
    progress: Callable[[str], None],
    memory: Memory | None,
) -> tuple[RunResult, dict[str, bytes]]:
    if memory is None:
        return _attempt(tool, job, settings, progress)
    pixels = job.picture.pixels
    content = sha256(pixels.tobytes() + repr((pixels.shape, pixels.dtype)).encode()).hexdigest()
    key = (
        tool, job.card, job.stem, job.picture.name, str(job.factor), *sorted(job.versions), content,
        settings.sha256(),
    )  # fmt: skip
    if key not in memory:
        outcome = _attempt(tool, job, settings, progress)
        if outcome[0].status != "ran":
            return outcome
        while len(memory) >= _MOST_REMEMBERED:
            memory.pop(next(iter(memory)))
        memory[key] = outcome
    return memory[key]


def _attempt(
    tool: str, job: Job, settings: Settings, progress: Callable[[str], None]
) -> tuple[RunResult, dict[str, bytes]]:
    try:
        return load(tool)(job, settings, progress)
    except Exception as error:  # whatever a tool raises, the answer still comes
        detail = visible(" ".join(str(error).split())) or type(error).__name__
        if isinstance(error, MemoryError):
            detail = f"out of memory: {detail}; take a smaller picture or a smaller factor"
        failed = _skipped(job.card, tool, job.picture, detail)
        return failed.model_copy(update={"status": "failed"}), {}


def _skipped(card: str, tool: str, picture: Picture, reason: str) -> RunResult:
    return RunResult(card=card, tool=tool, image=picture.name, status="skipped", reason=reason)


def _why_nothing(matches: Sequence[Match], any_tool: bool) -> str:
    if any_tool:
        return "running was switched off"
    if not matches:
        return "no model of the registry fits the question"
    return "no model that fits the question can be run here"


def _stems(pictures: Sequence[Picture]) -> Iterator[str]:
    """A name for each picture that is safe as a part of file names and unlike all others."""
    taken: set[str] = set()
    for picture in pictures:
        plain = re.sub(r"[^\w.-]+", "-", PurePath(picture.name).stem)
        stem = plain[:_MOST_CHARACTERS].strip(".-_") or "picture"
        number, unique = 1, stem
        while unique.casefold() in taken:
            number += 1
            unique = f"{stem}-{number}"
        taken.add(unique.casefold())
        yield unique
