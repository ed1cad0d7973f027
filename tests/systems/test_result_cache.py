from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agent.imaging.picture import Picture
from agent.imaging.reading import read
from agent.settings import Level, Settings
from agent.systems import result_cache
from agent.systems.catalogue import TOOLS
from agent.systems.result_cache import ResultCache, RunOutput
from agent.systems.run import Bench, run_tool
from agent.systems.spec import Job, Progress, ToolOutput, ToolSpec
from agent.types import Artefact, Evidence, RunResult

pytestmark = pytest.mark.usefixtures("one_thread")

NAMES = ("restored.png", 'a "b" {c}\\u0041 %s é 写真.png')


def bench(picture: Path, settings: Settings, cache: ResultCache | None, name: str) -> Bench:
    """What restoration and reading make of the picture under another name."""
    place = picture.parent / name
    place.write_bytes(picture.read_bytes())
    made = Bench((place,), settings, result_cache=cache)
    for tool in ("restore", "read_text"):
        made.run("card", tool, next(iter(made.pictures)), 2)
    return made


def timeless(made: Bench) -> list[RunResult]:
    how = [result.provenance.model_copy(update={"seconds": 0.0}) for result in made.results]
    return [
        result.model_copy(update={"provenance": provenance})
        for result, provenance in zip(made.results, how, strict=True)
    ]


@pytest.mark.slow
def test_whatever_its_name_a_picture_gets_what_it_would_without_a_cache(
    picture: Path, weights: Path
) -> None:
    settings, cache = Settings(weights=weights), ResultCache()
    for name in NAMES:
        plain, shared = (bench(picture, settings, m, name) for m in (None, cache))
        assert timeless(shared) == timeless(plain)
        assert shared.files == plain.files
        assert shared.results[0].status == "ran" and shared.results[0].image == name
        assert len(shared.files) >= 4


class Tool:
    """Makes a file and a number of a picture; counts how often."""

    def __init__(self, error: str | None = None) -> None:
        self.calls = 0
        self.error = error

    def __call__(self, job: Job, settings: Settings, progress: Progress) -> ToolOutput:
        self.calls += 1
        progress("working")
        if self.error:
            raise RuntimeError(f"{job.picture.name}: {self.error}")
        artefact = Artefact(name=f"{job.stem}-a.png", caption=job.picture.name, sha256="0")
        number = Evidence(
            id=f"{job.stem}.n", quantity="q", value=0.1, unit="", method="m",
            measured_on=f"{job.picture.name}, input",
        )  # fmt: skip
        return ToolOutput([number], [(artefact, b"png")])


PLAIN = Picture("a.png", np.zeros((4, 5, 3), np.uint8))


def go(
    tool: Tool, cache: ResultCache, job: Job | None = None, settings: Settings | None = None
) -> RunOutput:
    settings = settings or Settings()
    job = job or Job("card", PLAIN, "a")
    spec = replace(TOOLS["restore"], packages=())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ToolSpec, "load", lambda spec: tool)
        return cache.recall(
            "restore", job, settings, lambda j: run_tool(spec, j, settings, lambda _: None)
        )


def test_a_picture_under_two_names_is_worked_on_once_and_told_of_under_both() -> None:
    tool, cache = Tool(), ResultCache()
    go(tool, cache)
    result, files = go(tool, cache, Job("card", replace(PLAIN, name="b c.png"), "b-c"))
    assert tool.calls == 1
    assert list(files) == [result.artefacts[0].name] == ["b-c-a.png"]
    assert result.image == result.artefacts[0].caption == "b c.png"
    assert (result.evidence[0].id, result.evidence[0].measured_on) == ("b-c.n", "b c.png, input")


@pytest.mark.parametrize(
    "other",
    [
        replace(PLAIN, pixels=PLAIN.pixels + np.uint8(1)),
        replace(PLAIN, pixels=PLAIN.pixels.reshape(5, 4, 3)),
        replace(PLAIN, pixels=PLAIN.pixels.astype(np.uint16)),
        replace(PLAIN, alpha=np.zeros((4, 5), np.uint8)),
        replace(PLAIN, icc_profile=b"profile"),
        replace(PLAIN, grey=True),
        replace(PLAIN, notes=("only the first of 3 frames was used",)),
    ],
)
def test_whatever_differs_in_a_picture_makes_it_another(other: Picture) -> None:
    tool, cache = Tool(), ResultCache()
    go(tool, cache)
    go(tool, cache, Job("card", other, "a"))
    assert tool.calls == 2


def test_a_factor_a_card_or_a_version_of_the_picture_makes_it_another_job() -> None:
    tool, cache = Tool(), ResultCache()
    go(tool, cache)
    go(tool, cache, Job("card", PLAIN, "a", 2))
    go(tool, cache, Job("other", PLAIN, "a"))
    go(tool, cache, Job("card", PLAIN, "a", versions={"restored": PLAIN}))
    assert tool.calls == 4


@pytest.mark.parametrize("level", ["none", "core", "full"])
def test_neither_the_level_of_evidence_nor_a_language_model_runs_anything_again(
    level: Level,
) -> None:
    tool, cache = Tool(), ResultCache()
    go(tool, cache)
    go(tool, cache, settings=Settings(evidence=level, model="openai:a"))
    assert tool.calls == 1


def test_other_weights_run_everything_again(weights: Path) -> None:
    tool, cache, settings = Tool(), ResultCache(), Settings(weights=weights)
    go(tool, cache, settings=settings)
    os.utime(weights, ns=(1, 1))  # as a file that was replaced
    go(tool, cache, settings=settings)
    go(tool, cache, settings=replace(settings, precision="bf16"))
    assert tool.calls == 3


def test_only_the_last_few_are_held() -> None:
    tool, cache = Tool(), ResultCache()
    for factor in range(1, 12):
        go(tool, cache, Job("card", PLAIN, "a", factor))
    go(tool, cache, Job("card", PLAIN, "a", 11))
    assert tool.calls == 11
    go(tool, cache, Job("card", PLAIN, "a", 1))
    assert tool.calls == 12


class Shared:
    """Keeps everything in a dictionary."""

    def __init__(self) -> None:
        self.made: dict[str, RunOutput] = {}
        self.stems: list[str] = []

    def alone(self, key: str) -> AbstractContextManager[None]:
        return nullcontext()

    def find(self, key: str) -> RunOutput | None:
        return self.made.get(key)

    def put(self, key: str, made: RunOutput, stem: str) -> None:
        self.made[key] = made
        self.stems.append(stem)


def test_a_shared_cache_serves_who_comes_later() -> None:
    tool, shared = Tool(), Shared()
    first = go(tool, ResultCache(shared))
    assert go(tool, ResultCache(shared)) == first
    other = go(tool, ResultCache(shared), Job("card", replace(PLAIN, name="b.png"), "b"))
    assert tool.calls == 1 and shared.stems == ["a"] and other.result.image == "b.png"


def test_nothing_that_did_not_run_is_kept_and_it_is_told_of_under_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, picture: Path
) -> None:
    tool, shared = Tool("no such thing"), Shared()
    monkeypatch.setattr(ToolSpec, "load", lambda spec: tool)
    lines: list[str] = []
    for calls in (1, 2):
        made = Bench((picture,), Settings(), lines.append, ResultCache(shared))
        assert made.run("card", "restore", "shot", 1).reason == "shot.png: no such thing"
        assert tool.calls == calls
    assert lines == ["shot.png: working"] * 2 and not shared.made


def test_a_file_may_be_called_like_a_stand_in() -> None:
    plain = result_cache.unnamed(Job("card", PLAIN, "a", versions={"restored": PLAIN}))
    assert plain.versions["restored"].name == plain.picture.name != "a.png"
    stem = plain.picture.name.strip("/")
    result, files = go(Tool(), ResultCache(), Job("card", replace(PLAIN, name=f"{stem}.png"), stem))
    assert (result.evidence[0].id, list(files)) == (f"{stem}.n", [f"{stem}-a.png"])
    assert result.image == f"{stem}.png"


def test_reading_a_picture_by_two_formats_gives_one_content(tmp_path: Path, picture: Path) -> None:
    from PIL import Image

    other = tmp_path / "same.bmp"
    Image.open(picture).save(other)
    tool, cache = Tool(), ResultCache()
    for path in (picture, other):
        go(tool, cache, Job("card", read(path), path.stem))
    assert tool.calls == 1
