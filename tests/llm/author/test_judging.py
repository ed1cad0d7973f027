"""How sentences are put to a judge, and how its reply is read."""

from __future__ import annotations

from agent.llm.author.draft import Judgement, Judgements, Sentence
from agent.llm.author.judging import by_number, judging_prompt, unjudged
from agent.llm.author.review import passage
from agent.llm.author.sources import Source
from agent.llm.prompts import Prompts

SOURCES = {"F1": Source("F1", "NetOne adds a correction.", ("net/adds",))}
PASSAGES = [
    passage(n, "details", Sentence(text=text, kind="fact", sources=["F1"]), SOURCES)
    for n, text in ((3, "It adds something."), (7, "It removes something."))
]


def judgement(number: int, verdict: str = "entailed") -> Judgement:
    return Judgement(number=number, verdict=verdict, missing="")


def test_a_judge_sees_sentences_and_their_sources_and_nothing_else():
    prompt = judging_prompt(Prompts(), PASSAGES, ["F1: NetOne adds a correction."])
    assert prompt.values.keys() == {"sources", "sentences"}
    assert "3 (fact; F1): It adds something." in prompt.user
    assert "F1: NetOne adds a correction." in prompt.user


def test_a_sentence_without_a_judgement_is_named():
    assert list(unjudged(Judgements(judgements=[judgement(3), judgement(7)]), PASSAGES)) == []
    (fault,) = unjudged(Judgements(judgements=[judgement(3), judgement(8)]), PASSAGES)
    assert fault.kind == "not judged" and "7" in fault.detail


def test_of_two_judgements_on_one_sentence_the_worse_counts_in_either_order():
    for verdicts in (("entailed", "partly"), ("contradicted", "entailed")):
        reply = Judgements(judgements=[judgement(3, verdict) for verdict in verdicts])
        assert by_number(reply)[3].verdict != "entailed"
    assert by_number(None) == {}
