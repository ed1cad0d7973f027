"""Running tools on the pictures of a question: once for all tools, whatever they do.

`run_tool` runs one tool on one picture and turns whatever comes of it into a `RunResult`; `Bench`
keeps the pictures and results of a question; `run` runs what a level of evidence asks for.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple, Protocol

from agent.errors import InputError
from agent.files import sha256_of
from agent.references import references_in
from agent.settings import Level, Settings
from agent.systems.catalogue import TOOLS, in_place_of, tools_at
from agent.systems.catalogue import tool as spec_of
from agent.systems.result_cache import ResultCache, RunOutput, fill_in
from agent.systems.selection import Cards, tools_of
from agent.systems.spec import Job, NotApplicable, Progress, ToolSpec
from agent.text import visible
from agent.types import Card, Match, Question, RunResult

if TYPE_CHECKING:
    from agent.imaging.picture import Picture

Runs = tuple[tuple[RunResult, ...], dict[str, bytes]]
"""Results in the order of the pictures, and PNG bytes by artefact name."""

_MOST_CHARACTERS = 60
_UNNAMED = "picture (its name holds an address)"


def run_tool(spec: ToolSpec, job: Job, settings: Settings, progress: Progress) -> RunOutput:
    """Run a tool on a picture: it ran, was skipped or failed, and nothing that it raises gets out.

    Args:
        progress: takes lines that begin with the name of the picture.
    """
    name = job.picture.name
    result = RunResult(card=job.card, tool=spec.key, image=name, status="ran")
    began = time.monotonic()
    try:
        output = spec.load()(job, settings, lambda line: progress(f"{name}: {line}"))
        evidence, figures = tuple(output.evidence), tuple(output.figures)
        provenance = spec.complete(output.provenance, began)
    except NotApplicable as reason:
        return RunOutput(result.model_copy(update={"status": "skipped", "reason": str(reason)}), {})
    except Exception as error:  # whatever a tool raises, the answer still comes
        detail = visible(" ".join(str(error).split()))
        if isinstance(error, MemoryError):
            detail = ": ".join(filter(None, ("out of memory", detail)))
            detail += "; take a smaller picture or a smaller factor"
        detail = detail or f"it ended with an error that gives no reason, {type(error).__name__}"
        return RunOutput(result.model_copy(update={"status": "failed", "reason": detail}), {})
    artefacts = tuple(artefact for artefact, _ in figures)
    return RunOutput(
        result.model_copy(
            update={"evidence": evidence, "artefacts": artefacts, "provenance": provenance}
        ),
        {artefact.name: content for artefact, content in figures},
    )


@dataclass(frozen=True)
class Request:
    """What is to be run for a question."""

    question: Question
    factor: int
    """Pictures are enlarged by this first, in [1, 8]."""
    matches: Sequence[Match]
    cards: Cards
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Tools that are not to run this time, each with the reason."""


class Runner(Protocol):
    """Runs tools on the pictures of a question, as `run` does."""

    def __call__(
        self,
        request: Request,
        settings: Settings,
        result_cache: ResultCache | None,
        progress: Progress,
        /,
    ) -> Runs: ...


def run(
    request: Request,
    settings: Settings,
    result_cache: ResultCache | None = None,
    progress: Progress = lambda _: None,
) -> Runs:
    """Run every fitting tool of the level `settings.evidence` once on every attached picture.

    A restorer comes first, and the pictures that it makes are handed to the tools after it. What
    `result_cache` holds is not run again; what ran is added to it.

    All pictures are read before anything runs. What cannot run gives a result with the status
    `skipped` or `failed` and its reason; nothing that a tool does ends the question.

    Raises:
        InputError: when a picture cannot be read.
    """
    if not request.question.images:
        return (), {}
    counter = ProgressCounter(progress)
    bench = Bench(
        request.question.images, settings, counter, result_cache, request.factor, request.cards
    )
    run_level(bench, settings.evidence, request, counter)
    return bench.results, bench.files


def look(
    images: Sequence[Path],
    settings: Settings,
    result_cache: ResultCache | None = None,
    progress: Progress = lambda _: None,
) -> Runs:
    """Look at every picture with the tools that say what a model has to cope with.

    They run for no card, on the pictures as they are, before a model is chosen.

    Raises:
        InputError: when a picture cannot be read.
    """
    tools = [tool for tool in tools_at(settings.evidence) if spec_of(tool).for_choice]
    if not (images and tools):
        return (), {}
    counter = ProgressCounter(progress)
    counter.total = len(images) * len(tools)
    bench = Bench(images, settings, counter, result_cache)
    for name in bench.pictures:
        for tool in tools:
            bench.run("", tool, name, factor=1)
            counter.done += 1
    return bench.results, bench.files


def run_level(
    bench: Bench, level: Level, request: Request, counter: ProgressCounter | None = None
) -> None:
    """Run every fitting tool of a level on every picture of the bench; see `run`."""
    tools = tools_of(request.matches, request.cards)
    tools = [*bench.of_file(request.matches, {tool for _, tool in tools}), *tools]
    pairs = [(card, tool) for card, tool in tools if tool in tools_at(level)]
    if counter:
        counter.total = len(bench.pictures) * len(pairs)
    for name in bench.pictures:
        if not pairs:
            card = next((match.card for match in request.matches), "")
            bench.skip(card, name, _why_nothing(request.matches, bool(tools)))
        for card, tool in pairs:
            if tool in request.left_out:
                bench.skip(card, name, request.left_out[tool], tool)
            else:
                bench.run(card, tool, name, request.factor)
            if counter:
                counter.done += 1


class ProgressCounter:
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


class _Done(NamedTuple):
    """What came of a tool on a picture at a factor."""

    picture: str
    """By its name on the bench."""
    result: RunResult
    versions: frozenset[str]
    """Labels of what a restorer had made of the picture by then."""


class Bench:
    """The pictures of a question, and what comes of running tools on them one at a time."""

    def __init__(
        self,
        images: Sequence[Path],
        settings: Settings,
        progress: Callable[[str], None] = lambda _: None,
        result_cache: ResultCache | None = None,
        factor: int | None = None,
        cards: Cards | None = None,
    ) -> None:
        """Read all pictures.

        Args:
            factor: the factor at which evidence has the plain name of its picture; the first one
                that is used where it is None.
            cards: may know the file of weights that the settings name.

        Raises:
            InputError: when one cannot be read.
        """
        from agent.imaging.reading import read

        # Reports are shared, and the same picture has the same results: who took it where, at how
        # many dots an inch, is no part of them.
        pictures = [_with_safe_name(read(path)).without_metadata() for path in images]
        self.pictures = dict(zip(stems(p.name for p in pictures), pictures, strict=True))
        """By a name that is safe in file names and unlike all others."""
        self.files: dict[str, bytes] = {}
        """PNG bytes by artefact name."""
        self._settings = settings
        self._progress = progress
        self._result_cache = result_cache
        self._factor = factor
        self._cards = cards
        self._stems: dict[tuple[str, int], str] = {}
        self._versions: dict[str, dict[str, Picture]] = {}
        self._restorers: dict[str, str] = {}
        self._done: dict[tuple[str, str], _Done] = {}
        """By tool and stem."""

    @property
    def results(self) -> tuple[RunResult, ...]:
        """By picture, first at the factor of its plain name, in the order of the catalogue."""
        pictures, tools = list(self.pictures), ["", *TOOLS]

        def place(key: tuple[str, str]) -> tuple[int, bool, str, int]:
            tool, stem = key
            picture = self._done[key].picture
            return pictures.index(picture), stem != picture, stem, tools.index(tool)

        return tuple(self._done[key].result for key in sorted(self._done, key=place))

    def run(self, card: str, tool: str, name: str, factor: int) -> RunResult:
        """Run a tool on a picture, enlarged by `factor`; what was run before is not run again.

        A tool after a restorer gets the pictures that it made at this factor; no other restorer
        runs on the picture at this factor then. A tool that was run, or skipped, before the
        restorer is run again, and the new result takes the place of the old one. Evidence of a
        picture at another factor has ids of its own. Where the settings name the weights of another
        network, that one runs, for its own card or for none.
        """
        spec, stem = in_place_of(tool, self._settings), self._stem(name, factor)
        file_card = None
        if spec.stands_in_for:
            tool, file_card = spec.key, self._file_card
            card = file_card.id if file_card else ""
        versions = {} if spec.restores else self._versions.get(stem, {})
        before = self._done.get((tool, stem))
        if before and before.versions == versions.keys():
            return before.result
        job = Job(card, self.pictures[name], stem, factor, versions, file_card)
        reason = self._restored_by_another(spec, stem)
        result, files = (
            RunOutput(self._skipped(card, name, reason, tool), {})
            if reason
            else self._attempt(spec, job)
        )
        for artefact in before.result.artefacts if before else ():
            del self.files[artefact.name]
        self.files |= files
        self._done[tool, stem] = _Done(name, result, frozenset(versions))
        if spec.restores and result.status == "ran":
            self._versions[stem], self._restorers[stem] = _versions(job, files), tool
        return result

    def skip(self, card: str, name: str, reason: str, tool: str = "") -> None:
        """Note that nothing, or not this tool, is run on a picture, and why."""
        skipped = self._skipped(card, name, reason, tool)
        self._done[tool, name] = _Done(name, skipped, frozenset())

    def _skipped(self, card: str, name: str, reason: str, tool: str) -> RunResult:
        image = self.pictures[name].name
        return RunResult(card=card, tool=tool, image=image, status="skipped", reason=reason)

    def _restored_by_another(self, spec: ToolSpec, stem: str) -> str | None:
        """Why a restorer, or what looks into one, is not run: another one makes the versions."""
        first, own = self._restorers.get(stem), spec.key if spec.restores else spec.part_of
        if spec.part_of and in_place_of(spec.part_of, self._settings).key != spec.part_of:
            return f"the weights are not those of {spec_of(spec.part_of).network}"
        if first is None or own in (None, first):
            return None
        return f"{spec_of(first).network} restored the picture, and only one network does"

    def of_file(self, matches: Sequence[Match], running: Set[str]) -> list[tuple[str, str]]:
        """Card and tool of the network in the file of weights, where a match is that.

        Args:
            running: tools that run anyway.
        """
        replaced = [
            spec.stands_in_for
            for spec in TOOLS.values()
            if spec.stands_in_for and spec.is_meant_by(self._settings)
        ]
        card = self._file_card if replaced else None
        if card is None or all(match.card != card.id for match in matches):
            return []
        return [(card.id, tool) for tool in replaced if tool not in running]

    @cached_property
    def _file_card(self) -> Card | None:
        """The card that knows the file of weights; None where there is none."""
        from agent.systems.model_files.recognition import card_of_file

        if self._cards is None or not self._settings.weights.is_file():
            return None
        return card_of_file(self._cards.cards(), sha256_of(self._settings.weights))

    def _attempt(self, spec: ToolSpec, job: Job) -> RunOutput:
        """Run the tool, or take what it made of the same picture before."""
        if self._result_cache is None:
            return run_tool(spec, job, self._settings, self._progress)

        def tell(line: str) -> None:
            self._progress(fill_in(line, job.stem, job.picture.name))

        return self._result_cache.recall(
            spec.key, job, self._settings, lambda plain: run_tool(spec, plain, self._settings, tell)
        )

    def _stem(self, name: str, factor: int) -> str:
        if (name, factor) not in self._stems:
            if self._factor is None:
                self._factor = factor
            stem = name if factor == self._factor else f"{name}-{factor}x"
            while stem != name and stem in {*self.pictures, *self._stems.values()}:
                stem += "-again"
            self._stems[name, factor] = stem
        return self._stems[name, factor]


def _versions(job: Job, pngs: Mapping[str, bytes]) -> dict[str, Picture]:
    """The pictures that a restorer made, under the name of the picture that they were made of."""
    from agent.imaging.reading import read_bytes

    files = {label: f"{job.stem}-{label}.png" for label in ("input", "enlarged", "restored")}
    with suppress(InputError, MemoryError):  # without them other tools do what they can
        return {
            label: read_bytes(pngs[file], job.picture.name, file)
            for label, file in files.items()
            if file in pngs
        }
    return {}


def _why_nothing(matches: Sequence[Match], any_tool: bool) -> str:
    if any_tool:
        return "running was switched off"
    if not matches:
        return "no model of the registry fits the question"
    return "no model that fits the question can be run here"


def _with_safe_name(picture: Picture) -> Picture:
    """The picture under a name that an answer can repeat: never an address or a repository."""
    return replace(picture, name=_UNNAMED) if references_in(picture.name) else picture


def stems(names: Iterable[str]) -> Iterator[str]:
    """For each file name one that is safe as a part of file names and unlike all others."""
    used: set[str] = set()
    for name in names:
        plain = re.sub(r"[^\w.-]+", "-", PurePath(name).stem)
        stem = plain[:_MOST_CHARACTERS].strip(".-_") or "picture"
        number, unique = 1, stem
        while unique.casefold() in used:
            number += 1
            unique = f"{stem}-{number}"
        used.add(unique.casefold())
        yield unique
