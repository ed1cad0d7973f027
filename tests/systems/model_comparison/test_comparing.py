"""A whole comparison: what it keeps, what it takes again, and pictures of every kind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.errors import InputError
from agent.report.model_comparison.record import ModelComparison
from agent.settings import Settings
from agent.systems.model_comparison import comparing, measures
from agent.systems.model_comparison.comparing import Order, Progress, compare
from agent.systems.model_comparison.folder import INDEX, ComparisonFolder
from agent.systems.model_comparison.pages import save_pages

#: What differs from run to run.
COSTS = {"seconds", "memory"}


@pytest.fixture(autouse=True)
def _no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measures, "why_unavailable", lambda: "no reader here")


def order(*pictures: Path, weights: Path, models: tuple[str, ...] = ("mimo-unet-plus",), **more):
    return Order(pictures, models, 2, Settings(weights=weights), **more)


def figures(comparison: ModelComparison) -> dict[str, float]:
    return {
        item.id: item.value
        for result in comparison.results()
        for key, item in result.measurements.items()
        if key not in COSTS
    }


def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The models that really run from now on."""
    ran: list[str] = []
    real = comparing.run_separately

    def run(work, progress):
        ran.append(work.model)
        return real(work, progress)

    monkeypatch.setattr(comparing, "run_separately", run)
    return ran


@pytest.mark.slow
def test_a_comparison_is_whole_and_the_same_again(picture, weights, tmp_path, monkeypatch):
    ran = counted(monkeypatch)
    told: list[Progress] = []
    first = compare(order(picture, weights=weights), ComparisonFolder(tmp_path / "a"), told.append)
    assert ran == ["bicubic", "mimo-unet-plus"] and first.finished
    shares = [progress.share for progress in told]
    assert shares == sorted(shares) and shares[-1] == 1
    (compared,) = first.pictures
    assert [r.status for r in compared.results] == ["ran", "ran"]
    assert [v.criterion for v in compared.verdicts] == list(comparing.CRITERIA)
    assert "text was not read: no reader here" in compared.notes
    # The network of the fixture returns its input.
    assert len({r.picture.sha256 for r in compared.results}) == 1
    assert compared.results[1].provenance.weights_sha256

    other = compare(order(picture, weights=weights), ComparisonFolder(tmp_path / "b"))
    assert figures(other) == figures(first) and figures(first)
    ran.clear()
    again = compare(order(picture, weights=weights), ComparisonFolder(tmp_path / "a"))
    assert ran == [] and again == first


@pytest.mark.slow
def test_only_what_changed_is_done_again(picture, weights, tmp_path, monkeypatch):
    from safetensors.torch import load_file, save_file

    home = tmp_path / "a"
    compare(order(picture, weights=weights), ComparisonFolder(home))
    ran = counted(monkeypatch)
    tensors = load_file(weights)
    save_file({name: tensor + 0.001 for name, tensor in tensors.items()}, weights)
    compare(order(picture, weights=weights), ComparisonFolder(home))
    assert ran == ["mimo-unet-plus"], "other weights make another result"
    ran.clear()
    (home / "shot-bicubic.png").write_bytes(b"damaged")
    compare(order(picture, weights=weights), ComparisonFolder(home))
    assert ran == ["bicubic"], "a picture that is not what was written is made again"
    ran.clear()
    whole = compare(order(picture, weights=weights, models=()), ComparisonFolder(home))
    assert ran == [] and whole.models == ("bicubic",)
    assert not (home / "shot-mimo-unet-plus.png").exists(), "what is no part of it goes"


@pytest.mark.slow
def test_a_model_that_cannot_run_takes_nothing_from_the_others(picture, tmp_path):
    missing = tmp_path / "none.safetensors"
    done = compare(order(picture, weights=missing), ComparisonFolder(tmp_path / "a"))
    bicubic, network = done.pictures[0].results
    assert bicubic.status == "ran" and network.status == "skipped"
    assert "no such file" in network.reason


SCRIPT = """
import sys
from pathlib import Path
from agent.settings import Settings
from agent.systems.model_comparison import measures
from agent.systems.model_comparison.comparing import Order, compare
from agent.systems.model_comparison.folder import ComparisonFolder

if __name__ == "__main__":
    picture, weights, home = map(Path, sys.argv[1:])
    measures.why_unavailable = lambda: "no reader here"
    order = Order([picture], ["mimo-unet-plus"], 2, Settings(weights=weights, tile=128))
    def tell(progress):
        print(progress.text, flush=True)
        if ": 1 of" in progress.text and "MIMO" in progress.text:
            sys.stdin.read()  # until the interruption comes, however late

    compare(order, ComparisonFolder(home), tell)
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_interrupted_comparison_goes_on_where_it_was(how, weights, tmp_path, monkeypatch):
    large, home = tmp_path / "shot.png", tmp_path / "a"
    Image.radial_gradient("L").resize((300, 300)).convert("RGB").save(large)
    (tmp_path / "run.py").write_text(SCRIPT)
    command = [sys.executable, str(tmp_path / "run.py"), large, weights, home]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**os.environ},
    ) as process:
        for line in process.stdout:
            if "MIMO-UNet: 1 of" in line or "MIMO-UNet+: 1 of" in line:
                process.send_signal(how)
                break
    assert process.returncode not in (0, None)
    kept = ModelComparison.model_validate_json((home / INDEX).read_bytes())
    assert not kept.finished and [r.model for r in kept.results()] == ["bicubic"]
    before = (home / "shot-bicubic.png").stat().st_mtime_ns
    ran = counted(monkeypatch)
    again = Order([large], ["mimo-unet-plus"], 2, Settings(weights=weights, tile=128))
    done = compare(again, ComparisonFolder(home))
    assert ran == ["mimo-unet-plus"] and done.finished
    assert (home / "shot-bicubic.png").stat().st_mtime_ns == before


@pytest.mark.slow
def test_an_interruption_keeps_what_an_earlier_comparison_had(picture, weights, tmp_path):
    home = tmp_path / "a"
    compare(order(picture, weights=weights), ComparisonFolder(home))

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    other = tmp_path / "other.png"
    Image.radial_gradient("L").resize((30, 30)).convert("RGB").save(other)
    with pytest.raises(KeyboardInterrupt):
        compare(order(other, weights=weights), ComparisonFolder(home), stop)
    kept = ModelComparison.model_validate_json((home / INDEX).read_bytes())
    assert [r.model for r in kept.carried_over] == ["bicubic", "mimo-unet-plus"]


KINDS = {
    "1x1": Image.new("RGB", (1, 1), (9, 99, 200)),
    "3x5": Image.radial_gradient("L").resize((3, 5)).convert("RGB"),
    "10000x1": Image.linear_gradient("L").rotate(90).resize((10_000, 1)),
    "grey": Image.radial_gradient("L").resize((40, 32)),
    "alpha": Image.radial_gradient("L").resize((40, 32)).convert("RGBA"),
    "CMYK": Image.radial_gradient("L").resize((40, 32)).convert("CMYK"),
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*KINDS, "16 bits"])
def test_pictures_of_every_kind_go_through(kind, weights, tmp_path):
    path = tmp_path / ("shot.tif" if kind == "CMYK" else "shot.png")
    if kind == "16 bits":
        values = np.linspace(0, 65_535, 40 * 32).reshape(32, 40).astype(np.uint16)
        Image.fromarray(values).save(path)
    else:
        if kind == "alpha":
            KINDS[kind].putalpha(Image.linear_gradient("L").resize((40, 32)))
        KINDS[kind].save(path)
    folder = ComparisonFolder(tmp_path / "a")
    done = compare(order(path, weights=weights), folder)
    (compared,) = done.pictures
    assert [(r.status, r.reason) for r in compared.results] == [("ran", None)] * 2
    assert all("consistency" in r.measurements for r in compared.results)
    with Image.open(folder.path / "shot-mimo-unet-plus.png") as image:
        assert image.size == (2 * compared.width, 2 * compared.height)
    save_pages(done, [path], folder)
    assert (folder.path / "comparison.html").stat().st_size > 10_000


@pytest.mark.slow
def test_pictures_of_one_name_are_kept_apart(picture, weights, tmp_path):
    twin = tmp_path / "elsewhere" / picture.name
    twin.parent.mkdir()
    Image.open(picture).rotate(90, expand=True).save(twin)
    done = compare(
        order(picture, twin, weights=weights, models=()), ComparisonFolder(tmp_path / "a")
    )
    assert [p.stem for p in done.pictures] == ["shot", "shot-2"]
    assert len({r.picture.name for r in done.results()}) == 2


# --- what is refused before anything runs ---------------------------------------------------------


def test_nothing_begins_with_a_picture_that_cannot_be_read(picture, weights, tmp_path):
    text = tmp_path / "text.png"
    text.write_text("hello")
    with pytest.raises(InputError, match="is text, whatever its name says"):
        compare(order(picture, text, weights=weights), ComparisonFolder(tmp_path / "a"))
    assert not (tmp_path / "a").exists()


def test_a_picture_that_would_be_too_large_is_refused(weights, tmp_path):
    wide = tmp_path / "wide.png"
    Image.new("L", (10_000, 1)).save(wide)
    large = Order([wide], [], 4, Settings(weights=weights))
    with pytest.raises(InputError, match=r"40,000 × 4 pixels; expected at most .* a side"):
        compare(large, ComparisonFolder(tmp_path / "a"))


def test_a_criterion_that_is_none_is_refused(picture, weights, tmp_path):
    with pytest.raises(InputError, match="cannot be compared by 'beauty'"):
        compare(
            order(picture, weights=weights, criterion="beauty"), ComparisonFolder(tmp_path / "a")
        )


def test_other_peoples_folders_are_left_alone(picture, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(InputError, match="holds other files but no comparison"):
        ComparisonFolder(tmp_path)
    with pytest.raises(InputError, match="is a file; name a folder"):
        ComparisonFolder(picture)
    (tmp_path / INDEX).write_text('{"format": "something else"}')
    with pytest.raises(InputError, match="holds other files"):
        ComparisonFolder(tmp_path)
    ComparisonFolder(tmp_path / "new")
    assert not (tmp_path / "new").exists()
