"""The tools in an agent of somebody else: JSON with known ids, and no way out of the pictures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent.errors import InputError


def by_name(images, agent):
    return {tool.name: tool for tool in agent.tools(images)}


def called(tool, **arguments):
    return json.loads(tool.invoke(arguments))


def test_without_pictures_there_is_nothing_to_run(agent) -> None:
    assert set(by_name([], agent())) == {"search_registry", "look_at_card", "write_answer"}


def test_with_pictures_there_is_what_this_version_can_run(picture, agent) -> None:
    always = {"search_registry", "look_at_card", "write_answer", "inspect_picture", "restore"}
    more = {"read_text", "sharpen_features", "compare_representations", "ablate"}
    found = by_name([picture], agent())
    assert set(found) == always | more
    for tool in found.values():
        assert tool.description and tool.args_schema.model_config["extra"] == "forbid"


@pytest.mark.slow
def test_an_intervention_is_run_on_what_restoration_made(picture, agent) -> None:
    found = by_name([picture], agent())
    restored = called(found["restore"], picture="shot", factor=2)
    ablated = called(found["ablate"], picture="shot", factor=2)
    assert ablated["card"] == restored["card"]
    assert ablated["status"] == "ran", ablated
    ids = {id for finding in ablated["findings"] for id in finding["evidence"]}
    assert {id.split(".")[0] for id in ids} <= {"shot"}


def test_search_and_cards_give_ids_of_the_registry(agent) -> None:
    own = agent()
    found = by_name([], own)
    cards = called(found["search_registry"], query="read words in a poster", top=2)["cards"]
    assert len(cards) == 2 and cards[0]["card"] == "llavar"
    card = called(found["look_at_card"], card="llavar")
    assert card["facts"] == own.registry["llavar"].facts()
    assert card["links"] == own.registry["llavar"].links
    assert "did you mean" in called(found["look_at_card"], card="llavr")["error"]


def test_experiments_give_measurements_and_the_answer_rests_on_them(picture, agent) -> None:
    found = by_name([picture], agent())
    assert called(found["inspect_picture"], picture="shot") == {
        "picture": "shot", "width": 40, "height": 32, "bits": 8, "transparent": False, "notes": [],
    }  # fmt: skip
    run = called(found["restore"], picture="shot", factor=2)
    assert run["status"] == "ran" and run["card"] == "mimo-unet-plus"
    ids = {id for finding in run["findings"] for id in finding["evidence"]}
    assert "shot.output-width" in ids
    answer = called(
        found["write_answer"], question="Why did the edges stay sharp when I enlarged it 2x?"
    )
    assert answer["status"] == "answered" and answer["checked"]
    assert answer["references"][0]["card"] == "mimo-unet-plus"
    used = {id for statement in answer["statements"] for id in statement["evidence"]}
    assert used and used <= ids
    assert "![" not in answer["text"]  # no picture was saved that the text could show


def test_what_was_not_run_is_not_in_the_answer(picture, agent) -> None:
    found = by_name([picture], agent())
    answer = called(found["write_answer"], question="Why did the edges of my picture stay sharp?")
    assert not any(statement["evidence"] for statement in answer["statements"])


@pytest.mark.parametrize(
    "name", ["/etc/passwd", "../shot.png", "other.png", "shot.png\x00", "", "file:///etc/passwd"]
)
def test_no_picture_but_those_of_the_conversation_can_be_opened(
    name: str, picture: Path, agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = by_name([picture], agent())
    monkeypatch.setattr("agent.imaging.reading.read", lambda path: pytest.fail("opened"))
    for tool in ("inspect_picture", "restore"):
        with pytest.raises(ValueError, match="Input should be 'shot'"):
            found[tool].invoke({"picture": name})


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("restore", {"picture": "shot", "factor": 9}),
        ("restore", {"picture": "shot", "factor": 0}),
        ("restore", {"picture": "shot", "weights": "/tmp/x"}),
        ("search_registry", {"query": "x", "top": 1000}),
        ("search_registry", {"query": "x" * 1_000_000}),
        ("look_at_card", {}),
    ],
)
def test_arguments_out_of_range_are_refused(tool, arguments, picture, agent) -> None:
    with pytest.raises(ValueError):
        by_name([picture], agent())[tool].invoke(arguments)


def test_a_question_that_cannot_be_asked_is_an_error_in_the_result(agent) -> None:
    found = by_name([], agent())
    assert "empty" in called(found["write_answer"], question=" ")["error"]
    assert "U+001B" in called(found["write_answer"], question="why \x1b[2J?")["error"]


def test_a_picture_that_is_none_is_told_at_once(tmp_path, agent) -> None:
    (tmp_path / "no.png").write_text("no picture")
    with pytest.raises(InputError):
        agent().tools([tmp_path / "no.png"])


def test_importing_loads_no_langchain() -> None:
    import subprocess
    import sys

    guard = (
        "import agent.llm.langchain, sys; "
        "sys.exit('langchain_core' in sys.modules or 'langchain' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", guard]).returncode == 0


def test_an_agent_of_somebody_else_streams_and_calls_them(stub, calls_, picture, agent) -> None:
    from langchain.agents import create_agent
    from langchain_openai import ChatOpenAI

    server = stub(
        calls_(("search_registry", {"query": "deblurring"}), ("restore", {"picture": "shot"})),
        calls_(("write_answer", {"question": "Why is my picture sharp?"})),
        calls_(text="Done."),
    )
    model = ChatOpenAI(model="stub", base_url=server.url, api_key="none", max_retries=0)
    theirs = create_agent(model, agent().tools([picture]))
    pieces = list(
        theirs.stream({"messages": [("user", "Why is it sharp?")]}, stream_mode="messages")
    )
    assert all(body["stream"] for _, _, body in server.requests)
    names = {tool["function"]["name"] for tool in server.requests[0][2]["tools"]}
    assert {"restore", "write_answer"} <= names
    results = [piece for piece, _ in pieces if piece.type == "tool"]
    assert [piece.name for piece in results].count("restore") == 1
    answer = json.loads(results[-1].content)
    assert answer["checked"] and answer["references"]
    assert pieces[-1][0].text in ("Done.", "")
