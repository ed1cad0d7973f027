"""What a capable model really wrote passes the exact checks, and the judge's word decides the rest.

The replies were recorded once, to the prompts that ship, under the ids of facts.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agent import Question
from agent.llm import LanguageModel, Scripted
from agent.llm.prompts import Prompts
from tests.llm.recorded import recordings

RECORDINGS = recordings(Path(__file__).parents[3] / "docs" / "site" / "recorded.yaml")


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda r: r.question.text[:30])
def test_every_sentence_that_its_sources_support_reaches_the_reader(agent, recording):
    agent.llm = LanguageModel(Scripted(recording.script(agent.registry)), Prompts())
    report = agent.ask(recording.question)
    agent.llm = None
    assert report.model and report.model.wrote and report.model.notes == ()
    outcomes = report.model.sentences
    passed = outcomes.get("judged", 0) + outcomes.get("quoted", 0)
    assert passed >= 0.9 * sum(outcomes.values()), (outcomes, report.model.rejected)
    assert report.verification.passed
    assert report.model.input_tokens <= 4_000


def test_a_judge_that_finds_a_sentence_wrong_keeps_it_from_the_reader(agent):
    seed = RECORDINGS[0]
    honest = seed.script(agent.registry)
    false = "The model does not paint your image anew"

    def script(prompt):
        if prompt.name == "correct":
            return json.dumps({"corrections": []})
        reply = honest(prompt)
        if prompt.name == "judge":
            read = json.loads(reply)
            read["judgements"][1]["verdict"] = "contradicted"
            return json.dumps(read)
        return reply

    agent.llm = LanguageModel(Scripted(script), Prompts())
    report = agent.ask(Question(text=seed.question.text))
    agent.llm = None
    assert report.model and report.model.sentences["replaced"] == 1
    assert false not in report.to_markdown()
