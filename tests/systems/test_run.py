from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from PIL import Image

from agent.errors import InputError
from agent.registry import Registry
from agent.settings import Level, Settings
from agent.systems.catalogue import TOOLS
from agent.systems.restoration.spec import restoring_tool
from agent.systems.result_cache import ResultCache
from agent.systems.run import Bench, Request, run
from agent.systems.selection import factor_of
from agent.systems.spec import Job, NotApplicable, Progress, ToolOutput, ToolSpec
from agent.types import Artefact, Card, Match, ParsedQuestion, Question, RunResult


def card(id: str, **more: object) -> Card:
    links = {"paper": "https://example.org/paper"}
    return Card(id=id, name=id, task="t", summary="s", links=links, **more)


REGISTRY = Registry.from_cards(
    [
        card("deblur", tool="restore", related=("reader", "missing")),
        card("reader", related=("deblur",)),
        card("other", tool="restore"),
        card("odd", tool="not-in-the-table"),
        card("sharpened", tool="sharpen"),
        card("beside", related=("deblur", "sharpened")),
        card("lonely"),
    ]
)


class Recorder:
    """A tool that writes down its jobs and restores nothing."""

    png = b"png"

    def __init__(self, error: Exception | None = None) -> None:
        self.jobs: list[Job] = []
        self.error = error

    def __call__(self, job: Job, settings: Settings, progress: Progress) -> ToolOutput:
        self.jobs.append(job)
        if self.error and len(self.jobs) == 1:
            raise self.error
        progress("working")
        made = Artefact(name=f"{job.stem}-restored.png", caption="restored", sha256="0")
        return ToolOutput((), [(made, self.png)])


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(ToolSpec, "load", lambda spec: recorder)
    return recorder


def image(folder: Path, name: str = "shot.png") -> Path:
    folder.mkdir(exist_ok=True)
    Image.new("RGB", (20, 20)).save(folder / name, "PNG")
    return folder / name


def go(
    *images: Path,
    cards: tuple[str, ...] = ("deblur",),
    parsed: ParsedQuestion | None = None,
    upscale: int | None = None,
    settings: Settings | None = None,
    result_cache: ResultCache | None = None,
) -> tuple[tuple[RunResult, ...], dict[str, bytes]]:
    question = Question(text="why?", images=images, upscale=upscale)
    matches = tuple(Match(card=c, score=1, margin=0, reasons=("r",)) for c in cards)
    parsed = parsed or ParsedQuestion(intent="explain")
    settings = settings or Settings()
    request = Request(question, factor_of(question, parsed), matches, REGISTRY)
    return run(request, settings, result_cache)


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second restorer in the catalogue, the tool `sharpen`."""
    spec = restoring_tool("sharpen", "SharpNet", "nowhere:nothing")
    monkeypatch.setitem(cast(dict[str, ToolSpec], TOOLS), spec.key, spec)


def test_without_pictures_nothing_runs(tool: Recorder) -> None:
    assert go() == ((), {})
    assert tool.jobs == []


def test_the_tool_of_the_matched_card_runs(tool: Recorder, tmp_path: Path) -> None:
    (result,), files = go(image(tmp_path))
    assert (result.card, result.status, result.image) == ("deblur", "ran", "shot.png")
    assert files == {"shot-restored.png": b"png"}


def test_a_tool_of_a_related_card_runs_and_each_once(tool: Recorder, tmp_path: Path) -> None:
    (result,), _ = go(image(tmp_path), cards=("reader",))
    assert result.card == "deblur"
    (result,), _ = go(image(tmp_path), cards=("reader", "other", "deblur"))
    assert result.card == "other"  # matched cards come before related ones


@pytest.mark.parametrize(
    ("cards", "ran"),
    [
        (("sharpened", "deblur"), [("sharpened", "sharpen")]),
        (("deblur", "sharpened"), [("deblur", "restore"), ("deblur", "ablate")]),
        (("beside",), [("deblur", "restore"), ("deblur", "ablate")]),  # the first that it names
        (("reader", "sharpened"), [("sharpened", "sharpen")]),
    ],
)
def test_of_two_restorers_that_of_the_first_card_runs_alone(
    tool: Recorder, second: None, tmp_path: Path, cards: tuple[str, ...], ran: list[tuple[str, str]]
) -> None:
    results, _ = go(image(tmp_path), cards=cards, settings=Settings(evidence="full"))
    assert [(result.card, result.tool) for result in results] == ran
    assert {result.status for result in results} == {"ran"}


def test_a_picture_that_one_network_restored_is_given_to_no_other(
    tool: Recorder, second: None, tmp_path: Path
) -> None:
    bench = Bench([image(tmp_path)], Settings())
    assert bench.run("sharpened", "sharpen", "shot", 2).status == "ran"
    for key in ("restore", "ablate"):
        result = bench.run("deblur", key, "shot", 2)
        assert result.status == "skipped"
        assert result.reason == "SharpNet restored the picture, and only one network does"
    assert bench.run("deblur", "restore", "shot", 3).status == "ran"
    assert bench.run("reader", "read_text", "shot", 2).status == "ran"
    assert len(tool.jobs) == 3


def test_where_a_restorer_fails_another_may_run(
    monkeypatch: pytest.MonkeyPatch, second: None, tmp_path: Path
) -> None:
    recorder = Recorder(RuntimeError("broken"))
    monkeypatch.setattr(ToolSpec, "load", lambda spec: recorder)
    bench = Bench([image(tmp_path)], Settings())
    assert bench.run("sharpened", "sharpen", "shot", 2).status == "failed"
    assert bench.run("deblur", "restore", "shot", 2).status == "ran"


def test_what_was_skipped_before_the_restorer_runs_after_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Comparing(Recorder):
        """Does nothing with a picture that was not restored, unless it restores it."""

        def __call__(self, job: Job, settings: Settings, progress: Progress) -> ToolOutput:
            if job.card == "ablation" and not job.versions:
                raise NotApplicable("the picture was not restored")
            return super().__call__(job, settings, progress)

    recorder = Comparing()
    recorder.png = image(tmp_path / "made").read_bytes()
    monkeypatch.setattr(ToolSpec, "load", lambda spec: recorder)
    bench = Bench([image(tmp_path)], Settings())
    for _ in range(2):  # once is enough to know
        assert bench.run("ablation", "ablate", "shot", 3).status == "skipped"
    bench.run("deblur", "restore", "shot", 3)
    assert bench.run("ablation", "ablate", "shot", 2).status == "skipped"
    assert bench.run("ablation", "ablate", "shot", 3).status == "ran"
    assert bench.run("ablation", "ablate", "shot", 3).status == "ran"
    assert [job.card for job in recorder.jobs] == ["deblur", "ablation"]
    assert [(r.tool, r.status) for r in bench.results] == [
        ("restore", "ran"), ("ablate", "ran"), ("ablate", "skipped"),
    ]  # fmt: skip


def test_what_was_looked_at_before_the_restorer_is_looked_at_again(
    tool: Recorder, tmp_path: Path
) -> None:
    """So that an answer never rests on less because of the order in which tools were called."""
    tool.png = image(tmp_path / "made").read_bytes()
    bench = Bench([image(tmp_path)], Settings())
    for key, card_id in (("read_text", "reader"), ("restore", "deblur"), ("restore", "deblur")):
        bench.run(card_id, key, "shot", 3)
    bench.run("reader", "read_text", "shot", 2)
    bench.run("reader", "read_text", "shot", 3)
    seen = [(job.card, job.factor, sorted(job.versions)) for job in tool.jobs]
    assert seen == [
        ("reader", 3, []), ("deblur", 3, []), ("reader", 2, []), ("reader", 3, ["restored"]),
    ]  # fmt: skip
    assert [(r.tool, r.artefacts[0].name) for r in bench.results] == [
        ("restore", "shot-restored.png"), ("read_text", "shot-restored.png"),
        ("read_text", "shot-2x-restored.png"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("upscale", "operation", "named", "factor"),
    [
        (None, None, None, 1),
        (None, "enlarge", 3.0, 3),
        (None, "enlarge", 8.0, 8),
        (None, "enlarge", 2.5, 1),
        (None, "enlarge", 16.0, 1),
        (None, "enlarge", 0.0, 1),
        (None, "enlarge", float("inf"), 1),
        (None, "enlarge", float("nan"), 1),
        (None, "enlarge", None, 1),
        (None, "deblur", 3.0, 1),
        (2, "enlarge", 3.0, 2),
        (4, None, None, 4),
    ],
)
def test_the_factor_is_the_one_given_else_the_one_named_in_the_question(
    tool: Recorder,
    tmp_path: Path,
    upscale: int | None,
    operation: str | None,
    named: float | None,
    factor: int,
) -> None:
    parsed = ParsedQuestion(intent="explain", operation=operation, factor=named)
    go(image(tmp_path), parsed=parsed, upscale=upscale)
    assert tool.jobs[0].factor == factor


def test_nothing_that_fits_is_told_apart_from_nothing_that_runs(
    tool: Recorder, tmp_path: Path
) -> None:
    path = image(tmp_path)
    for cards, said in (
        ((), "no model in the registry fits the question"),
        (("lonely",), "no fitting model can be run here"),
        (("odd",), "no fitting model can be run here"),
    ):
        (result,), files = go(path, cards=cards)
        assert (result.status, result.reason, files) == ("skipped", said, {})
    (result,), _ = go(path, settings=Settings(evidence="none"))
    assert (result.status, result.reason) == ("skipped", "running was switched off")
    assert tool.jobs == []


def test_one_unreadable_picture_stops_all_before_anything_runs(
    tool: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "bad.png").write_bytes(b"hello")
    for cards in (("deblur",), ()):
        with pytest.raises(InputError, match=r"bad\.png"):
            go(image(tmp_path), tmp_path / "bad.png", cards=cards)
    assert tool.jobs == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RuntimeError("first\nsecond\x1b[0m"), "first second\\x1b[0m"),
        (MemoryError(), "out of memory; use a smaller picture or a smaller factor"),
        (ImportError("no torch"), "no torch"),
        (AssertionError(), "it failed without a reason (AssertionError)"),
    ],
)
def test_a_failure_is_a_result_and_the_next_picture_still_runs(
    tool: Recorder, tmp_path: Path, error: Exception, said: str
) -> None:
    tool.error = error
    (failed, ran), files = go(image(tmp_path), image(tmp_path, "b.png"))
    assert (failed.status, failed.reason, failed.tool) == ("failed", said, "restore")
    assert ran.status == "ran" and list(files) == ["b-restored.png"]


def test_an_interruption_is_no_failure(tool: Recorder, tmp_path: Path) -> None:
    tool.error = KeyboardInterrupt()  # type: ignore[assignment]
    with pytest.raises(KeyboardInterrupt):
        go(image(tmp_path))


def test_stems_are_safe_and_unique(tool: Recorder, tmp_path: Path) -> None:
    names = (
        "shot.png", "SHOT.jpg", "a b/c.png", ".hidden", "...", "bild-ä.v2.png", "x" * 200 + ".png",
        "shot-2.png", "\x1b[31m.png", "--flag.png",
    )  # fmt: skip
    paths = []
    for number, name in enumerate(names):
        paths.append(image(tmp_path / str(number), name.replace("/", "∕")))
    go(*paths)
    stems = [job.stem for job in tool.jobs]
    assert len({stem.casefold() for stem in stems}) == len(names)
    for stem in stems:
        assert re.fullmatch(r"\w[\w.-]*", stem) and stem.isprintable() and len(stem) <= 64
    assert stems[:2] == ["shot", "SHOT-2"]
    assert stems[3:6] == ["hidden", "picture", "bild-ä.v2"]


def test_with_the_real_tool_and_no_weights_the_run_is_skipped(tmp_path: Path) -> None:
    settings = Settings(weights=tmp_path / "none.safetensors")
    Image.effect_noise((20, 20), 64).convert("RGB").save(tmp_path / "noise.png")
    (result,), files = go(tmp_path / "noise.png", settings=settings)
    assert result.status == "skipped" and files == {}
    assert result.reason is not None and "no such file" in result.reason


def test_a_package_without_a_version_fails_the_run_and_not_the_answer(
    tool: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = replace(TOOLS["restore"], packages=("no-such-distribution",))
    monkeypatch.setitem(cast(dict[str, ToolSpec], TOOLS), "restore", spec)
    (result,), files = go(image(tmp_path))
    assert result.status == "failed" and "no-such-distribution" in str(result.reason)
    assert files == {}


def test_what_ran_before_is_not_run_again(tool: Recorder, tmp_path: Path) -> None:
    result_cache = ResultCache()
    picture = image(tmp_path)
    first = go(picture, result_cache=result_cache)
    assert go(picture, result_cache=result_cache) == first
    assert len(tool.jobs) == 1
    go(picture, result_cache=result_cache, upscale=2)
    Image.new("RGB", (20, 20), "red").save(picture)
    go(picture, result_cache=result_cache)
    assert len(tool.jobs) == 3


def test_a_failure_is_tried_again(tool: Recorder, tmp_path: Path) -> None:
    tool.error = RuntimeError("busy")
    result_cache = ResultCache()
    (failed,), _ = go(image(tmp_path), result_cache=result_cache)
    (again,), _ = go(image(tmp_path), result_cache=result_cache)
    assert (failed.status, again.status) == ("failed", "ran")


@pytest.fixture
def several(tool: Recorder, tmp_path: Path) -> Registry:
    """A registry in which every tool has a card."""
    tool.png = image(tmp_path / "made").read_bytes()
    cards = [card("reader", tool="read_text", related=("deblur", "sharpener", "rsa"))]
    cards += [card("deblur", tool="restore"), card("sharpener", tool="sharpen_features")]
    return Registry.from_cards([*cards, card("rsa", tool="compare_representations")])


@pytest.mark.parametrize(
    ("level", "ran"),
    [
        ("none", []),
        ("core", ["deblur", "reader"]),
        ("full", ["deblur", "reader", "deblur", "sharpener", "rsa"]),
    ],
)
def test_the_level_says_which_tools_run_restoration_first(
    tool: Recorder, tmp_path: Path, several: Registry, level: Level, ran: list[str]
) -> None:
    match = (Match(card="reader", score=1, margin=0, reasons=("r",)),)
    question = Question(text="why?", images=(image(tmp_path),))
    results, _ = run(Request(question, 1, match, several), Settings(evidence=level))
    assert [job.card for job in tool.jobs] == ran
    if level == "none":
        assert [(r.status, r.reason) for r in results] == [("skipped", "running was switched off")]


def test_what_restoration_made_is_handed_to_the_tools_after_it(
    tool: Recorder, tmp_path: Path, several: Registry
) -> None:
    match = (Match(card="reader", score=1, margin=0, reasons=("r",)),)
    question = Question(text="why?", images=(image(tmp_path), image(tmp_path, "b.png")))
    run(Request(question, 1, match, several), Settings())
    seen = [(job.stem, job.card, sorted(job.versions)) for job in tool.jobs]
    assert seen == [
        ("shot", "deblur", []),
        ("shot", "reader", ["restored"]),
        ("b", "deblur", []),
        ("b", "reader", ["restored"]),
    ]
    restored = tool.jobs[1].versions["restored"]
    assert (restored.name, restored.width, restored.height) == ("shot.png", 20, 20)


def test_the_other_tools_run_where_restoration_failed(
    tool: Recorder, tmp_path: Path, several: Registry
) -> None:
    tool.error = RuntimeError("no")
    match = (Match(card="reader", score=1, margin=0, reasons=("r",)),)
    question = Question(text="why?", images=(image(tmp_path),))
    result_cache = ResultCache()
    request = Request(question, 1, match, several)
    (failed, ran), _ = run(request, Settings(), result_cache)
    assert (failed.status, ran.status) == ("failed", "ran")
    assert tool.jobs[1].versions == {}
    # Now that it works, what the others did without it counts no more.
    run(request, Settings(), result_cache)
    assert "restored" in tool.jobs[3].versions


def test_another_language_model_runs_nothing_again(tool: Recorder, tmp_path: Path) -> None:
    result_cache = ResultCache()
    for model in (None, "openai:a", "openai:b"):
        go(image(tmp_path), settings=Settings(model=model), result_cache=result_cache)
    assert len(tool.jobs) == 1


# --- one at a time ------------------------------------------------------------------------------


def test_a_picture_at_a_second_factor_has_names_of_its_own(tool: Recorder, tmp_path: Path) -> None:
    images = (image(tmp_path, "shot.png"), image(tmp_path, "shot-2x.png"))
    bench = Bench(images, Settings())
    assert list(bench.pictures) == ["shot", "shot-2x"]
    for factor in (3, 2, 3):
        bench.run("deblur", "restore", "shot", factor)
    bench.run("deblur", "restore", "shot-2x", 3)
    assert [(job.stem, job.factor) for job in tool.jobs] == [
        ("shot", 3), ("shot-2x-again", 2), ("shot-2x", 3),
    ]  # fmt: skip
    assert len(bench.results) == 3 and len(bench.files) == 3


def test_tools_get_what_restoration_made_at_their_factor(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given: list[tuple[int, list[str]]] = []

    def restore(job: Job, settings: Settings, progress: Progress) -> ToolOutput:
        made = Artefact(name=f"{job.stem}-restored.png", caption="restored", sha256="0")
        return ToolOutput((), [(made, (tmp_path / "shot.png").read_bytes())])

    def other(job: Job, settings: Settings, progress: Progress) -> ToolOutput:
        given.append((job.factor, sorted(job.versions)))
        return ToolOutput(())

    tools = {"restore": restore, "read_text": other}
    monkeypatch.setattr(ToolSpec, "load", lambda spec: tools[spec.key])
    bench = Bench((image(tmp_path),), Settings())
    bench.run("deblur", "restore", "shot", 3)
    bench.run("deblur", "read_text", "shot", 3)
    bench.run("deblur", "read_text", "shot", 1)
    assert given == [(3, ["restored"]), (1, [])]


def test_progress_counts_the_runs_and_guesses_the_time_left(
    tool: Recorder, tmp_path: Path, several: Registry
) -> None:
    lines: list[str] = []
    match = (Match(card="reader", score=1, margin=0, reasons=("r",)),)
    question = Question(text="why?", images=(image(tmp_path),))
    run(Request(question, 1, match, several), Settings(), progress=lines.append)
    assert lines[0] == "1 of 2: shot.png: working"
    assert re.fullmatch(r"2 of 2, about \d+ s left: shot.png: working", lines[1])
    alone: list[str] = []
    match = (Match(card="deblur", score=1, margin=0, reasons=("r",)),)
    run(Request(question, 1, match, REGISTRY), Settings(), progress=alone.append)
    assert alone == ["shot.png: working"]


def test_no_tool_sees_who_took_a_picture_or_at_how_many_dots_an_inch(
    tool: Recorder, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x013B] = "somebody"
    path = tmp_path / "shot.png"
    Image.new("RGB", (20, 20)).save(path, exif=exif, dpi=(300, 300))
    go(path)
    (job,) = tool.jobs
    assert (job.picture.exif, job.picture.resolution, job.picture.texts) == (None, None, ())
