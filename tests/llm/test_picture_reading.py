"""Questions about pictures: sent as they should be, and labelled with who answered."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agent.cli import main
from agent.errors import ConfigError, InputError
from agent.llm import Scripted
from agent.llm.picture_reading import read_with_model
from agent.llm.prompts import Prompt, Prompts


@pytest.fixture
def sign(tmp_path: Path) -> Path:
    path = tmp_path / "sign.png"
    Image.fromarray(np.full((30, 3000, 3), (200, 30, 30), np.uint8)).save(path)
    return path


class Listener:
    def __init__(self) -> None:
        self.prompts: list[Prompt] = []

    def __call__(self, prompt: Prompt) -> str:
        self.prompts.append(prompt)
        return "  It says STOP. "


def test_the_picture_is_sent_no_larger_than_need_be(sign: Path) -> None:
    listener = Listener()
    client = Scripted(listener, "scripted:reader", takes_images=True)
    reading = read_with_model(sign, " What does it say? ", client, Prompts())
    assert reading.text == "It says STOP."
    assert reading.reader == "scripted:reader"
    (prompt,) = listener.prompts
    assert '"What does it say?"' in prompt.user
    sent = Image.open(io.BytesIO(prompt.images[0]))
    assert sent.size == (2048, 20)
    assert sent.getpixel((5, 5)) == (200, 30, 30)


def test_a_model_without_eyes_is_refused(sign: Path) -> None:
    with pytest.raises(ConfigError, match="does not accept pictures"):
        read_with_model(sign, "What?", Scripted(Listener()), Prompts())


@pytest.mark.parametrize("question", ["", "   ", "x" * 2001])
def test_an_odd_question_is_refused_before_anything_is_sent(sign: Path, question: str) -> None:
    listener = Listener()
    with pytest.raises(InputError, match="expected 1 to 2,000"):
        read_with_model(sign, question, Scripted(listener, takes_images=True), Prompts())
    assert not listener.prompts


def test_without_a_reader_it_says_what_is_missing_and_where_it_is_had(
    sign: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["read", str(sign)]) == 3
    err = capsys.readouterr().err
    assert "--llavar DIR" in err
    assert "SALT-NLP/LLaVAR_delta" in err
    assert "--model PROVIDER:NAME" in err
    assert len(err.splitlines()) == 1


def test_one_reader_at_a_time(sign: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["read", str(sign), "--llavar", "x", "--model", "openai:y"]) == 3
    assert "cannot be combined" in capsys.readouterr().err


def test_a_folder_that_is_no_llavar_is_told(
    sign: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["read", str(sign), "--llavar", str(tmp_path / "none")]) == 3
    assert "missing the folder" in capsys.readouterr().err


def test_an_endpoint_is_sent_the_picture_and_named(stub, says_, sign, capsys) -> None:
    server = stub(says_("It says STOP."))
    assert main(["read", str(sign), "What", "is", "it?", "--model", "openai:stub"]) == 0
    text, picture = server.requests[0][2]["messages"][1]["content"]
    assert '"What is it?"' in text["text"]
    head, data = picture["image_url"]["url"].split(",")
    assert head == "data:image/png;base64"
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (2048, 20)
    out = capsys.readouterr().out
    assert out.startswith("It says STOP.\n")
    assert "Read by openai:stub" in out
    assert "LLaVAR" not in out
