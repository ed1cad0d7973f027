"""Two actors of a Ray on this machine, and the same question through every way in."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from agent import Agent, Question
from agent.batch import Batch
from agent.batch.on_ray import RayBatch
from agent.batch.store import Store
from agent.cli import main
from agent.errors import InputError
from agent.settings import Settings
from agent.types import Answer

pytestmark = pytest.mark.slow

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
SEED = (
    "I upscaled a web image by 3× and the AI kept edges sharp and text readable. How does this "
    "model preserve structure so clearly without introducing blur?"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture, weights that return their input, and questions about both."""
    from safetensors.torch import save_file

    from agent.systems.restoration.network import MIMOUNet

    folder = tmp_path_factory.mktemp("home")
    image = Image.radial_gradient("L").resize((40, 32)).convert("RGB")
    image.paste((0, 0, 0), (10, 8, 20, 20))
    image.save(folder / "shot.png")
    zeros = {name: value * 0 for name, value in MIMOUNet(1).state_dict().items()}
    save_file(zeros, folder / "zero.safetensors")
    rows: list[dict[str, Any]] = [
        {"id": "seed", "question": SEED, "images": str(folder / "shot.png"), "topic": {"a": 1}},
        {"question": "What is the capital of Brazil?"},
        {"id": "why", "question": "How does FeatSharp work?"},
        {"id": "again", "question": "How does FeatSharp work?"},
        {"id": "bad", "question": "Is MIMO-UNet+ fast?", "upscale": 99},
        {"id": "WHY", "question": "Is FeatSharp fast?"},
        {"id": "gone", "question": SEED, "images": "nowhere.png"},
        {"id": "fetched", "question": SEED, "images": f"file://{folder}/shot.png"},
    ]
    (folder / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def on_ray(home: Path) -> list[dict[str, Any]]:
    """Result rows of two actors; in a process of its own, for Ray opens more than loopback."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "agent", "batch", str(home / "q.jsonl"), "--ray"),
            *("-o", str(home / "ray"), "--weights", str(home / "zero.safetensors")),
            *("--workers", "2", "--cpus-per-worker", "0.5"),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr  # some rows failed
    assert "8 rows: " in done.stderr and "3 failed" in done.stderr
    return lines(*sorted((home / "ray" / "results").glob("*.jsonl")))


@pytest.fixture(scope="module")
def local(home: Path) -> list[dict[str, Any]]:
    settings = Settings(weights=home / "zero.safetensors")
    Batch(str(home / "q.jsonl"), home / "local", settings).run()
    return lines(home / "local" / "results.jsonl")


def lines(*files: Path) -> list[dict[str, Any]]:
    text = "".join(file.read_text("utf-8") for file in files)
    return [json.loads(line) for line in text.split("\n") if line]


@needs_ray
def test_two_actors_give_the_rows_of_the_local_batch_in_order(on_ray, local):
    assert [row["row"] for row in on_ray] == list(range(1, 9))
    for row, expected in zip(on_ray[:7], local[:7], strict=True):
        assert row | {"folder": None} == expected | {"folder": None}, row["id"]


@needs_ray
def test_a_picture_at_an_address_is_fetched_and_named_as_given(on_ray):
    row = on_ray[7]
    report = row["report"]
    assert report["runs"][0]["status"] == "ran"
    assert report["question"]["images"] == row["images"] == [i["path"] for i in report["inputs"]]
    assert report["answer"] == on_ray[0]["report"]["answer"]


@needs_ray
def test_every_way_in_gives_the_same_answer(home, on_ray, local, tmp_path, monkeypatch, capsys):
    shot, weights = home / "shot.png", home / "zero.safetensors"
    report = Agent(Settings(weights=weights)).ask(Question(text=SEED, images=(shot,)))
    assert report.answer.status != "cannot_answer" and report.evidence
    answers = {"batch": local[0]["report"]["answer"], "Ray": on_ray[0]["report"]["answer"]}

    options = ["--image", str(shot), "--weights", str(weights)]
    assert main(["ask", SEED, *options, "--format", "json"]) == 0
    answers["command line"] = json.loads(capsys.readouterr().out)["answer"]

    said = io.TextIOWrapper(io.BytesIO(f"{SEED}\n/save {tmp_path / 'chat'}\n".encode()))
    monkeypatch.setattr("sys.stdin", said)
    assert main(["chat", *options]) == 0
    answers["chat"] = json.loads((tmp_path / "chat" / "report.json").read_text("utf-8"))["answer"]

    for way, answer in answers.items():
        assert Answer.model_validate(answer) == report.answer, way


@needs_ray
def test_results_that_are_complete_are_not_replaced(tmp_path: Path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "_SUCCESS").touch()
    with pytest.raises(InputError, match="already has results"):
        RayBatch("q.jsonl", str(tmp_path)).run()


def test_what_can_share_work_goes_to_one_actor(tmp_path: Path):
    pytest.importorskip("pyarrow")
    rows = [
        {"question": f"Is it sharp, {i // 4}?", "images": f"s3://bucket/{i % 4}.png"}
        for i in range(80)
    ]
    rows += [{"question": "How does FeatSharp work?"}, {"question": "Is it fast?"}] * 3
    path = tmp_path / "q.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    blocks = [
        [json.loads(text)["row"] for text in table["task"].to_pylist()]
        for table in RayBatch(str(path), str(tmp_path / "out"), actors=2)._blocks(tmp_path)
    ]
    alike = [{(*row["images"],) or row["question"] for row in block} for block in blocks]
    assert sum(map(len, blocks)) == 86
    assert len(blocks) >= 4 and sum(map(len, alike)) == 6  # each in one block


def test_equal_pictures_under_two_names_go_to_one_actor_and_only_files_of_one_size_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    pytest.importorskip("pyarrow")
    contents = {"a": b"one", "b": b"two", "alone": b"longer", "copy": b"one", "second": b"two"}
    for name, content in contents.items():
        (tmp_path / f"{name}.png").write_bytes(content)
    names = [*contents, "gone", "lost", "a", "copy"]
    rows = [{"question": f"Is it sharp, {n}?", "images": f"{n}.png"} for n in names]
    path = tmp_path / "q.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    read: list[str] = []
    digest = Store.digest

    def noted(store: Store, picture: Path) -> str:
        read.append(picture.stem)
        return digest(store, picture)

    monkeypatch.setattr(Store, "digest", noted)
    (tmp_path / "plan").mkdir()
    work = RayBatch(str(path), str(tmp_path / "out"), actors=9)
    blocks = [
        sorted({Path(json.loads(text)["images"][0]).stem for text in table["task"].to_pylist()})
        for table in work._blocks(tmp_path / "plan")
    ]
    expected = [["a", "copy"], ["b", "second"], ["alone"], ["gone"], ["lost"]]
    assert sorted(blocks) == sorted(expected)
    assert set(read) == {"a", "b", "copy", "second"}
