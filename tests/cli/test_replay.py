"""A saved report is answered again, also after files have moved or changed."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image

from agent import Agent, Question
from agent.cli import main
from agent.cli.replay import replay
from agent.errors import InputError
from agent.files import DEFAULT_REGISTRY
from agent.report.differences import compare
from agent.report.folder import write
from agent.report.reader import read_report
from agent.settings import Settings

pytestmark = pytest.mark.usefixtures("one_thread")

CARDS = """\
models:
  - id: net
    name: Net-Plus
    task: deblurring
    summary: Net-Plus removes blur from pictures.
    links: {paper: "https://example.org/net"}
    tool: restore
"""


@pytest.fixture
def saved(tmp_path: Path, weights: Path, picture: Path) -> Path:
    """A report on a picture, in a folder."""
    cards = tmp_path / "cards.yaml"
    cards.write_text(CARDS)
    agent = Agent(Settings(registry=cards, weights=weights))
    asked = Question(text="Why is the picture sharp after Net-Plus enlarged it 2x?",
                     images=(picture,))  # fmt: skip
    write(agent.ask(asked), tmp_path / "report")
    return tmp_path / "report"


def again(saved: Path, *images: Path, **changes: object) -> tuple[list[str], list[str], bool]:
    old = read_report(saved)
    new = replay(old, saved, images, changes)
    found = compare(old, new)
    return [d.part for d in found.conditions], [d.part for d in found.outcomes], found.same


def test_a_replay_of_a_saved_answer_gives_the_same_answer(saved: Path) -> None:
    assert any(run.status == "ran" for run in read_report(saved).runs)
    assert again(saved) == ([], [], True)


def test_a_picture_that_moved_is_found_by_its_content(saved: Path, picture: Path) -> None:
    moved = picture.with_name("renamed.png")
    picture.rename(moved)
    with pytest.raises(InputError, match=r"shot\.png no longer exists; .*--image"):
        again(saved)
    assert again(saved, moved) == ([], [], True)
    beside = saved / "shot.png"
    shutil.move(moved, beside)
    assert again(saved) == ([], [], True)


def test_another_picture_in_its_place_is_told(saved: Path, picture: Path) -> None:
    Image.new("RGB", (40, 32), "red").save(picture)
    conditions, outcomes, same = again(saved)
    assert "input" in conditions and "runs" in outcomes and not same


def test_other_weights_are_told_by_their_hash(saved: Path, weights: Path) -> None:
    from safetensors.torch import save_file

    from agent.systems.restoration.network import MIMOUNet

    save_file({k: v * 0 for k, v in MIMOUNet(2).state_dict().items()}, weights)
    assert again(saved) == (["weights"], [], True)  # zero weights return the input, too


def test_another_registry_is_told_by_its_hash(saved: Path) -> None:
    cards = saved.parent / "cards.yaml"
    cards.write_text(CARDS.replace("example.org/net", "example.org/other"))
    conditions, outcomes, same = again(saved)
    assert (conditions, outcomes, same) == (["registry"], ["references"], False)


def test_a_setting_may_be_changed_and_is_told(saved: Path) -> None:
    conditions, outcomes, same = again(saved, evidence="none")
    assert conditions[0] == "settings" and "evidence" in outcomes and not same


def test_a_brief_is_answered_again(tmp_path: Path) -> None:
    agent = Agent()
    brief = tmp_path / "brief.md"
    brief.write_text(agent.brief(Question(text="Which loss does MIMO-UNet+ use?")))
    write(agent.ask_brief(brief), tmp_path / "report")
    assert again(tmp_path / "report") == ([], [], True)
    brief.rename(tmp_path / "report" / "brief.md")
    assert again(tmp_path / "report") == ([], [], True)


def test_a_registry_of_another_machine_is_the_one_that_ships_if_equal(tmp_path: Path) -> None:
    report = Agent().ask(Question(text="What is MIMO-UNet+?"))
    moved = {**report.settings, "registry": "/other/machine.yaml", "weights": "/other/net"}
    report = report.model_copy(update={"settings": moved})
    write(report, tmp_path / "report")
    assert again(tmp_path / "report") == ([], [], True)


def test_several_registries_are_found_again_by_their_names(tmp_path: Path) -> None:
    cards = tmp_path / "net:1.yaml"
    cards.write_text(CARDS)
    agent = Agent(Settings(registry=(cards, Path("upscalers"), DEFAULT_REGISTRY)))
    report = agent.ask(Question(text="What are Net-Plus and waifu2x?"))
    recorded = report.settings["registry"]
    assert recorded == [str(cards), "upscalers", str(DEFAULT_REGISTRY)]
    moved = {"registry": [str(cards), "/other/upscalers.yaml", "/other/model_registry.yaml"]}
    for settings in report.settings, report.settings | moved:
        write(report.model_copy(update={"settings": settings}), tmp_path / "report")
        assert again(tmp_path / "report") == ([], [], True)
    cards.write_text(CARDS.replace("example.org/net", "example.org/other"))
    assert again(tmp_path / "report") == (["registry"], ["references"], False)


def test_a_report_names_no_server_and_spends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = Agent(Settings()).ask(Question(text="What is MIMO-UNet+?"))
    hostile = {"base_url": "http://127.0.0.1:9/", "send_images": True, "price": "0/0"}
    hostile |= {"model": "openai:dear"}
    report = report.model_copy(
        update={"settings": {**report.settings, "device": "there", "cache": "/tmp/x", **hostile}}
    )
    taken: list[Settings] = []

    class Stop(Exception):
        pass

    def stop(settings: Settings) -> None:
        taken.append(settings)
        raise Stop

    monkeypatch.setattr("agent.pipeline.Agent", stop)
    own = Settings(max_usd=0.5, base_url=None)
    with pytest.raises(Stop):
        replay(report, tmp_path, own=own)
    assert taken == [dataclasses.replace(own, device="there")]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}", "is not a groundglass report"),
        ("[", "is not a groundglass report"),
        ("\x00", "is not a groundglass report"),
        (None, "cannot be"),
    ],
)
def test_what_is_no_report_is_refused(
    tmp_path: Path, content: str | None, said: str, capsys: pytest.CaptureFixture
) -> None:
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content)
    assert main(["replay", str(path)]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_a_picture_name_that_leaves_the_folder_is_not_read(tmp_path: Path, saved: Path) -> None:
    index, before = saved / "report.json", set(read_report(saved).pictures)
    secret = saved.parent / "secret.png"
    shutil.copy(saved / "shot-restored.png", secret)
    index.write_text(index.read_text().replace("shot-restored.png", "../secret.png"))
    assert set(read_report(saved).pictures) == before - {"shot-restored.png"} != before


def test_the_commands_tell_by_their_exit_code(
    saved: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    assert main(["replay", str(saved), "-q", "-o", str(tmp_path / "second")]) == 0
    assert "Same result: " in capsys.readouterr().out
    assert main(["diff", str(saved), str(tmp_path / "second")]) == 0
    assert main(["replay", str(saved / "report.json"), "-q", "--no-run", "--json"]) == 1
    capsys.readouterr()
    assert main(["diff", str(saved), str(tmp_path / "second"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["same"] is True
