"""Running tools on the pictures of a question, in one way for all tools.

`run_tool` runs one tool on one picture and turns any outcome into a `RunResult`; `Bench` holds the
pictures and results of a question; `run` runs the tools of a level of evidence.
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
from agent.systems.catalogue import TOOLS, in_place_of, spec_of, tools_at
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
    """Run a tool on a picture; exceptions become the status `skipped` or `failed`.

    Args:
        progress: called with lines that begin with the name of the picture.
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
    except Exception as error:  # the answer is still given, whatever a tool raises
        detail = visible(" ".join(str(error).split()))
        if isinstance(error, MemoryError):
            detail = ": ".join(filter(None, ("out of memory", detail)))
            detail += "; use a smaller picture or a smaller factor"
        detail = detail or f"it failed without a reason ({type(error).__name__})"
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
    """What to run for a question."""

    question: Question
    factor: int
    """Factor by which pictures are enlarged first, in [1, 8]."""
    matches: Sequence[Match]
    cards: Cards
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Tools not to run, each with the reason."""


class Runner(Protocol):
    """A function that runs tools on the pictures of a question, such as `run`."""

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

    A restorer runs first, and its pictures are passed to the tools after it. Results in
    `result_cache` are reused; new ones are added.

    All pictures are read before anything runs. A tool that cannot run gives a result with the
    status `skipped` or `failed` and the reason; no error of a tool ends the question.

    Raises:
        InputError: if a picture cannot be read.
    """
    if not request.question.images:
        return (), {}
    counter = ProgressCounter(progress)
    bench = Bench(
        request.question.images, settings, counter, result_cache, request.factor, request.cards
    )
    run_level(bench, settings.evidence, request, counter)
    return bench.results, bench.files


def inspect(
    images: Sequence[Path],
    settings: Settings,
    result_cache: ResultCache | None = None,
    progress: Progress = lambda _: None,
) -> Runs:
    """Run the tools that measure what a model must cope with on every picture.

    They belong to no card and run on the original pictures, before a model is chosen.

    Raises:
        InputError: if a picture cannot be read.
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
    """Progress over several runs, with the number of the current one and the time left."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self.done = self.total = 0
        self._progress = progress
        self._began = time.monotonic()

    def __call__(self, line: str) -> None:
        remaining = ""
        if self.done:  # runs differ in length, so this is only a guess
            each = (time.monotonic() - self._began) / self.done
            remaining = f", about {each * (self.total - self.done):.0f} s left"
        several = self.total > 1
        self._progress(f"{self.done + 1} of {self.total}{remaining}: {line}" if several else line)


class _Done(NamedTuple):
    """The result of a tool on a picture at a factor."""

    picture: str
    """Name of the picture on the bench."""
    result: RunResult
    versions: frozenset[str]
    """Labels of the restored versions that existed when the tool ran."""


class Bench:
    """The pictures of a question, and the results of running tools on them one at a time."""

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
            factor: the factor at which ids of evidence have the plain name of the picture; the
                first one used if None.
            cards: cards among which to look for that of the weights file in the settings.

        Raises:
            InputError: if one cannot be read.
        """
        from agent.imaging.reading import read

        # Reports are shared, and the same picture has the same results: metadata such as author,
        # place and resolution are no part of them.
        pictures = [_with_safe_name(read(path)).without_metadata() for path in images]
        self.pictures = dict(zip(stems(p.name for p in pictures), pictures, strict=True))
        """Pictures by a unique name that is safe in file names."""
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
        """Results by tool and stem."""

    @property
    def results(self) -> tuple[RunResult, ...]:
        """Results by picture, at the main factor first, in the order of the catalogue."""
        pictures, tools = list(self.pictures), ["", *TOOLS]

        def place(key: tuple[str, str]) -> tuple[int, bool, str, int]:
            tool, stem = key
            picture = self._done[key].picture
            return pictures.index(picture), stem != picture, stem, tools.index(tool)

        return tuple(self._done[key].result for key in sorted(self._done, key=place))

    def run(self, card: str, tool: str, name: str, factor: int) -> RunResult:
        """Run a tool on a picture enlarged by `factor`, unless it has run before.

        A tool after a restorer gets the versions from this factor; no other restorer then runs on
        the picture at this factor. A tool that ran or was skipped before the restorer runs again,
        and the new result replaces the old one. Evidence at another factor has separate ids. If the
        settings name weights of another network, that one runs, for its own card or for none.
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
        """Record that no tool, or not this one, runs on a picture, and why."""
        skipped = self._skipped(card, name, reason, tool)
        self._done[tool, name] = _Done(name, skipped, frozenset())

    def _skipped(self, card: str, name: str, reason: str, tool: str) -> RunResult:
        image = self.pictures[name].name
        return RunResult(card=card, tool=tool, image=image, status="skipped", reason=reason)

    def _restored_by_another(self, spec: ToolSpec, stem: str) -> str | None:
        """Return why a restorer, or a tool that examines one, must not run beside another."""
        first, own = self._restorers.get(stem), spec.key if spec.restores else spec.part_of
        if spec.part_of and in_place_of(spec.part_of, self._settings).key != spec.part_of:
            return f"the weights are not those of {spec_of(spec.part_of).network}"
        if first is None or own in (None, first):
            return None
        return f"{spec_of(first).network} restored the picture, and only one network does"

    def of_file(self, matches: Sequence[Match], running: Set[str]) -> list[tuple[str, str]]:
        """Return card and tool of the network in the weights file, if it is among the matches.

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
        """The card of the weights file; None if there is none."""
        from agent.systems.model_files.recognition import card_of_file

        if self._cards is None or not self._settings.weights.is_file():
            return None
        return card_of_file(self._cards.cards(), sha256_of(self._settings.weights))

    def _attempt(self, spec: ToolSpec, job: Job) -> RunOutput:
        """Run the tool, or reuse its result for the same picture."""
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
    """Return the versions of a picture that a restorer made, under its name."""
    from agent.imaging.reading import read_bytes

    files = {label: f"{job.stem}-{label}.png" for label in ("input", "enlarged", "restored")}
    with suppress(InputError, MemoryError):  # other tools can do without them
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
        return "no model in the registry fits the question"
    return "no fitting model can be run here"


def _with_safe_name(picture: Picture) -> Picture:
    """Return the picture under a name that an answer may repeat: no address, no repository."""
    return replace(picture, name=_UNNAMED) if references_in(picture.name) else picture


def stems(names: Iterable[str]) -> Iterator[str]:
    """Yield for each file name a unique one that is safe as part of file names."""
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
