"""The agent from the command line and in the chat, against a server on loopback."""

from __future__ import annotations

import io
import json
import sys

import pytest

from agent.cli import main
from agent.cli.log import Log

TEXT = "I enlarged my map 3x and the edges stayed sharp. Why?"


def choosing(*turns):
    """Answers requests that offer tools with these turns in order; refuses to do anything else."""

    def behave(handler) -> None:
        asked = sum("tools" in body for _, _, body in handler.server.requests)
        if "tools" in handler.body:
            turns[min(asked, len(turns)) - 1](handler)
        else:
            handler.answer(400, {"error": {"message": "only tools here"}})

    return behave


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch, weights, one_thread):
    monkeypatch.setenv("GROUNDGLASS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("GROUNDGLASS_WEIGHTS", str(weights))
    return tmp_path / "data"


def test_ask_as_an_agent_and_the_transcript_is_in_every_form(
    stub, calls_, picture, tmp_path, folder, capsys
) -> None:
    stub(choosing(calls_(("restore", {"picture": "shot", "factor": 2})), calls_(text="done")))
    code = main(
        ["ask", TEXT, "--agent", "--model", "openai:stub", "-i", str(picture), "-f", "json",
         "-o", str(tmp_path / "out")]
    )  # fmt: skip
    assert code == 0
    report = json.loads(capsys.readouterr().out)
    (call,) = report["transcript"]["calls"]
    assert (call["tool"], call["arguments"]) == ("restore", {"picture": "shot", "factor": 2})
    for name in ("report.md", "report.html"):
        text = (tmp_path / "out" / name).read_text()
        assert "How the experiments were chosen" in text and "picture shot, factor 2" in text
    assert "test-key" not in (folder / "logs.db").read_bytes().decode(errors="replace")
    assert (tmp_path / "out" / "shot-2x-restored.png").exists()


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        ([], 3, "none is set; name one with --model"),
        (["--model", "scripted:SCRIPT"], 3, "the model scripted:"),
        (["--brief", "x.md"], 2, "--agent does not work with --brief"),
    ],
)
def test_an_agent_that_cannot_be_is_told_in_a_line(more, code, said, tmp_path, capsys) -> None:
    script = tmp_path / "script.yaml"
    script.write_text("- reply: {}\n")
    more = [item.replace("SCRIPT", str(script)) for item in more]
    question = [] if "--brief" in more else [TEXT]
    assert main(["ask", *question, "--agent", *more]) == code
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1


def test_a_chat_acts_as_an_agent_and_measures_once(
    stub, calls_, picture, folder, monkeypatch, capsys
) -> None:
    server = stub(choosing(calls_(("restore", {"picture": "shot", "factor": 3})), calls_()))
    lines = (
        f"{TEXT}\n/image {picture}\n{TEXT}\n/why\n/evidence\n/model\n"
        "and are halos added there?\n/model none\n"
    )
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode())))
    seen = []
    import agent.systems.restoration.tool as restoring

    real = restoring.restore
    monkeypatch.setattr(restoring, "restore", lambda *given: seen.append(1) or real(*given))
    assert main(["chat", "--model", "openai:stub", "--session", "maps"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert len(seen) == 1  # the follow-up reuses what was measured
    assert "the network" in out and "E1" in out
    assert "openai:stub, " in out and "tokens so far" in out
    assert "No language model is set: answers are composed offline." in out
    assert out.count("How the experiments were chosen") == 2  # not of the first question
    session = Log(folder).session("maps")
    assert len(session.turns) == 3 and session.images == (picture,)
    assert any("tools" in body for _, _, body in server.requests)
