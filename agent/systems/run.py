"""Run the tools of the matched cards, and of the cards that complement them, on the pictures.

How many run is the level of evidence: `agent.systems.catalogue.LEVELS`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol

from agent.errors import InputError
from agent.references import references_in
from agent.registry import Registry
from agent.settings import Level, Settings
from agent.systems.catalogue import INSIDE, LEVELS, TOOLS, Job, load
from agent.systems.result_cache import Made, Memory, named
from agent.text import visible
from agent.types import Card, Match, ParsedQuestion, Question, RunResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.imaging.picture import Picture

_MOST_CHARACTERS = 60
_UNNAMED = "picture (its name holds an address)"
_LARGEST_FACTOR = 8


class Runner(Protocol):
    """Runs tools on the pictures of a question, as `run` does."""

    def __call__(
        self,
        question: Question,
        parsed: ParsedQuestion,
        matches: Sequence[Match],
        registry: Registry,
        settings: Settings,
        progress: Callable[[str], None],
        memory: Memory | None,
        /,
    ) -> tuple[tuple[RunResult, ...], dict[str, bytes]]: ...


def run(
    question: Question,
    parsed: ParsedQuestion,
    matches: Sequence[Match],
    registry: Registry,
    settings: Settings,
    progress: Callable[[str], None] = lambda _: None,
    memory: Memory | None = None,
    left_out: Mapping[str, str] = MappingProxyType({}),
) -> tuple[tuple[RunResult, ...], dict[str, bytes]]:
    """Run every fitting tool of the level `settings.evidence` once on every attached picture.

    `restore` comes first, and the pictures that it makes are handed to the tools after it. What
    `memory` holds is not run again; what ran is added to it.

    All pictures are read before anything runs. What cannot run gives a result with the status
    `skipped` or `failed` and its reason; nothing that a tool does ends the question.

    Args:
        left_out: tools that are not to run this time, each with the reason.

    Returns:
        Results in the order of the pictures, and PNG bytes by artefact name.

    Raises:
        InputError: when a picture cannot be read.
    """
    if not question.images:
        return (), {}
    factor = factor_of(question, parsed)
    counted = Counted(progress)
    bench = Bench(question.images, settings, counted, memory, factor)
    run_level(bench, settings.evidence, factor, matches, registry, left_out, counted)
    return tuple(bench.results), bench.files


def run_level(
    bench: Bench,
    level: Level,
    factor: int,
    matches: Sequence[Match],
    registry: Registry,
    left_out: Mapping[str, str] = MappingProxyType({}),
    counted: Counted | None = None,
) -> None:
    """Run every fitting tool of a level on every picture of the bench; see `run`."""
    tools = tools_of(matches, registry)
    chosen = [(card, tool) for card, tool in tools if tool in LEVELS[level]]
    if counted:
        counted.total = len(bench.pictures) * len(chosen)
    for name in bench.pictures:
        if not chosen:
            card = next((match.card for match in matches), "")
            bench.skip(card, name, _why_nothing(matches, bool(tools)))
        for card, tool in chosen:
            if tool in left_out:
                bench.skip(card, name, left_out[tool], tool)
            else:
                bench.run(card, tool, name, factor)
            if counted:
                counted.done += 1


class Counted:
    """Progress that says which of several runs it is of, and about how long they all still take."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self.done = self.total = 0
        self._progress = progress
        self._began = time.monotonic()

    def __call__(self, line: str) -> None:
        left = ""
        if self.done:  # runs differ in length, so this is no more than a guess
            each = (time.monotonic() - self._began) / self.done
            left = f", about {each * (self.total - self.done):.0f} s left"
        several = self.total > 1
        self._progress(f"{self.done + 1} of {self.total}{left}: {line}" if several else line)


class Bench:
    """The pictures of a question, and what comes of running tools on them one at a time."""

    def __init__(
        self,
        images: Sequence[Path],
        settings: Settings,
        progress: Callable[[str], None] = lambda _: None,
        memory: Memory | None = None,
        factor: int | None = None,
    ) -> None:
        """Read all pictures.

        Args:
            factor: the factor at which evidence has the plain name of its picture; the first one
                that is used where it is None.

        Raises:
            InputError: when one cannot be read.
        """
        from agent.imaging.reading import read

        pictures = [_named(read(path)) for path in images]
        self.pictures = dict(zip(stems(pictures), pictures, strict=True))
        """By a name that is safe in file names and unlike all others."""
        self.results: list[RunResult] = []
        """In the order in which they came."""
        self.files: dict[str, bytes] = {}
        """PNG bytes by artefact name."""
        self._settings = settings
        self._progress = progress
        self._memory = memory
        self._factor = factor
        self._stems: dict[tuple[str, int], str] = {}
        self._versions: dict[str, dict[str, Picture]] = {}
        self._done: dict[tuple[str, str], RunResult] = {}

    def run(self, card: str, tool: str, name: str, factor: int) -> RunResult:
        """Run a tool on a picture, enlarged by `factor`; what was run before is not run again.

        A tool after `restore` gets the pictures that it made at this factor. Evidence of a picture
        at another factor has ids of its own.
        """
        stem = self._stem(name, factor)
        if (tool, stem) not in self._done:
            versions = self._versions.get(stem, {})
            job = Job(card, self.pictures[name], stem, factor, versions)
            result, made = _remembered(tool, job, self._settings, self._progress, self._memory)
            self.results.append(result)
            self.files |= made
            self._done[tool, stem] = result
            if tool == "restore":
                self._versions[stem] = _versions(job, made)
        return self._done[tool, stem]

    def skip(self, card: str, name: str, reason: str, tool: str = "") -> None:
        """Note that nothing, or not this tool, is run on a picture, and why."""
        self.results.append(_skipped(card, tool, self.pictures[name], reason))

    def _stem(self, name: str, factor: int) -> str:
        if (name, factor) not in self._stems:
            if self._factor is None:
                self._factor = factor
            stem = name if factor == self._factor else f"{name}-{factor}x"
            while stem != name and stem in {*self.pictures, *self._stems.values()}:
                stem += "-again"
            self._stems[name, factor] = stem
        return self._stems[name, factor]


def tools_of(matches: Sequence[Match], registry: Registry) -> list[tuple[str, str]]:
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


def factor_of(question: Question, parsed: ParsedQuestion) -> int:
    """By how much pictures are enlarged: as asked for, else as the question names it."""
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

    def tell(line: str) -> None:
        progress(named(line, job.stem, job.picture.name))

    return memory.recall(
        tool, job, settings, lambda plain: Made(*_attempt(tool, plain, settings, tell))
    )


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


def _named(picture: Picture) -> Picture:
    """The picture under a name that an answer can repeat: never an address or a repository."""
    return replace(picture, name=_UNNAMED) if references_in(picture.name) else picture


def stems(pictures: Sequence[Picture]) -> Iterator[str]:
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
