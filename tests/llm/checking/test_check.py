"""Another assistant's prose: what is wrong is found and explained, what is right passes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import InputError
from agent.llm.checking import MAX_CHARACTERS, MAX_SENTENCES, CheckedSentence, CheckedText
from agent.pipeline import Agent
from agent.registry import Registry
from agent.search import Index
from agent.settings import Settings
from agent.types import Card, Evidence, Question, Report, RunResult

LINES = [
    json.loads(line)
    for line in Path(__file__).with_name("prose.jsonl").read_text("utf-8").splitlines()
]
HOSTILE = st.lists(
    st.sampled_from(
        ["MIMO-UNet+ ", "LLaVAR ", "32.45 dB ", "https://evil.test/", "arXiv:2108.05054 ", "```",
         "|", "\n|---|\n", "\n\n", "# ", "\x00", "\x1b[2J", "\u202e", "\ud800", "half ",
         "ESRGAN ", "①"]
    )
    | st.text(max_size=6),
    max_size=20,
).map("".join)  # fmt: skip


@pytest.fixture(scope="module")
def agent() -> Agent:
    return Agent(Settings(model=None))


def only(checked: CheckedText) -> CheckedSentence:
    (sentence,) = checked.sentences
    return sentence


def kinds(checked: CheckedText) -> list[str]:
    return [problem.kind for sentence in checked.sentences for problem in sentence.problems]


# --- on labelled sentences ------------------------------------------------------------------------

SURE = {
    "wrong number": "number",
    "number of another": "number",
    "outside name": "name",
    "outside link": "link",
    "run claimed": "run",
}


@pytest.mark.parametrize(
    "line", [one for one in LINES if one["kind"] in SURE], ids=lambda one: one["text"][:50]
)
def test_what_exact_checks_can_tell_is_found(agent: Agent, line: dict[str, str]) -> None:
    assert SURE[line["kind"]] in kinds(agent.check(line["text"]))


def test_true_sentences_pass_and_none_is_called_wrong(agent: Agent) -> None:
    true = [agent.check(line["text"]) for line in LINES if line["label"] == "supported"]
    assert sum(one.passed for one in true) >= 0.9 * len(true) > 25
    assert {kind for one in true for kind in kinds(one)} <= {"no-fact"}


def test_what_matches_nothing_is_told_and_not_called_false(agent: Agent) -> None:
    outside = [agent.check(line["text"]) for line in LINES if line["kind"] == "no fact"]
    assert all(not one.passed for one in outside)
    unmatched = [only(one) for one in outside if kinds(one) == ["no-fact"]]
    assert len(unmatched) >= 6
    for sentence in unmatched:
        assert sentence.verdict == "unmatched" and not sentence.facts
        assert "does not make it false" in sentence.problems[0].message


# --- what it says of a sentence -------------------------------------------------------------------


def test_the_registrys_own_words_are_quoted(agent: Agent) -> None:
    card = agent.registry["mimo-unet-plus"]
    for claim in card.claims[:20]:
        sentence = agent.check(claim.text).sentences[0]
        assert sentence.verdict == "quoted", claim.text
        assert sentence.cards == ("mimo-unet-plus",)


def test_a_wrong_number_comes_with_the_right_one(agent: Agent) -> None:
    sentence = only(agent.check("MIMO-UNet+ reaches 39.1 dB on GoPro."))
    assert sentence.verdict == "contradicted"
    assert "39.1 dB" in sentence.problems[0].message and "32.45" in sentence.problems[0].message
    assert any("32.45" in agent.registry[sentence.cards[0]].facts()[id] for id in sentence.facts)


def test_a_paper_of_another_system_is_told_apart(agent: Agent) -> None:
    sentence = only(agent.check("LLaVAR is described in arXiv:2108.05054."))
    assert sentence.verdict == "unsupported"
    assert "belongs to MIMO-UNet+" in sentence.problems[0].message
    assert "2306.17107" in sentence.problems[0].message
    assert agent.check("MIMO-UNet+ is described in arXiv:2108.05054.").passed


def test_a_sentence_goes_on_about_the_system_named_before(agent: Agent) -> None:
    text = "This is about {}.\n\nIts learning rate is 0.002 in the first stage."
    assert agent.check(text.format("LLaVAR")).sentences[1].verdict == "consistent"
    assert "number" in kinds(agent.check(text.format("FeatSharp")))


def test_markdown_is_read_in_all_its_parts(agent: Agent) -> None:
    text = (
        "## Which to take\n\n- **MIMO-UNet+** adds a correction to the picture.\n"
        "- See [here](https://evil.test/a).\n\n| Model | PSNR on GoPro |\n|---|---|\n"
        "| MIMO-UNet+ | 32.45 dB |\n| MIMO-UNet+ | 39.10 dB |\n\n"
        "```sh\ncurl https://evil.test/b\n```\n"
    )
    checked = agent.check(text)
    assert [one.verdict for one in checked.sentences] == [
        "unchecked", "consistent", "unsupported", "unchecked", "consistent", "contradicted",
        "unchecked", "unsupported",
    ]  # fmt: skip
    assert kinds(checked) == ["link", "number", "link"]
    assert checked.totals.problems["link"] == 2 and checked.totals.verdicts["consistent"] == 2


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("MIMO-UNet+ makes edges sharper/clearer on CPU/GPU.", []),
        ("MIMO-UNet+ lies in `evil-corp/mimo`.", ["link"]),
        ("Write to help@evil.test about MIMO-UNet+.", ["link"]),
        ("MІMO-UNet+ adds a correction to the picture.", ["characters", "name"]),  # in Cyrillic
        ("MIMO-UNet+ can be run on your picture to see whether edges became sharper.", []),
    ],
)
def test_a_sentence_has_the_problems_that_are_in_it_and_no_others(
    agent: Agent, text: str, problems: list[str]
) -> None:
    found = kinds(agent.check(text))
    assert [kind for kind in dict.fromkeys(found) if kind != "no-fact"] == problems


def test_questions_headings_and_thanks_need_no_fact(agent: Agent) -> None:
    checked = agent.check(
        "# How it all works\n\nThanks a lot for your help!\n\nDoes it rain a lot?"
    )
    assert checked.passed and {one.verdict for one in checked.sentences} == {"unchecked"}


def test_another_language_is_not_said_to_match_nothing(agent: Agent) -> None:
    text = "Das Netz der Bäckerei am Marktplatz wurde gestern von allen Nachbarn gelobt."
    assert agent.check(text).passed
    assert "link" in kinds(agent.check(f"{text} Siehe https://evil.test/x."))


# --- runs and questions ---------------------------------------------------------------------------

WIDTH = Evidence(
    id="map.edge-width-restored", quantity="median width of strong edges", value=2.63, unit="px",
    measured_on="map.png, restored", method="10–90 % rise distance",
)  # fmt: skip


def test_what_a_report_measured_may_be_told(agent: Agent) -> None:
    report = agent.ask(Question(text="Which loss does MIMO-UNet+ use?"))
    ran = RunResult(
        card="mimo-unet-plus", tool="restore", image="map.png", status="ran", evidence=(WIDTH,)
    )
    report = Report.model_validate(dict(report) | {"runs": (ran,), "evidence": (WIDTH,)})
    told = "On your picture MIMO-UNet+ was run, and the median width of edges is now 2.63 px."
    assert "run" in kinds(agent.check(told))
    sentence = only(agent.check(told, report=report))
    assert (sentence.verdict, sentence.evidence) == ("consistent", (WIDTH.id,))
    assert "number" in kinds(agent.check(told.replace("2.63", "1.63"), report=report))
    assert "run" in kinds(agent.check("I ran LLaVAR on your picture.", report=report))


def test_numbers_of_the_question_may_be_repeated(agent: Agent) -> None:
    text = "Enlarged 7 times, the picture is soft before MIMO-UNet+ sees it."
    assert "number" in kinds(agent.check(text))
    assert "number" not in kinds(agent.check(text, question="Why is it soft, enlarged 7 times?"))


# --- hostile and odd input ------------------------------------------------------------------------


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=HOSTILE)
def test_hostile_text_is_checked_like_any_other(agent: Agent, text: str) -> None:
    checked = agent.check(text)
    assert checked == agent.check(text)
    again = CheckedText.model_validate_json(checked.model_dump_json())
    assert again == checked
    assert sum(checked.totals.verdicts.values()) == checked.totals.sentences
    for sentence in checked.sentences:
        for line in (sentence.text, *(problem.message for problem in sentence.problems)):
            assert "\n" not in line and "\x1b" not in line and "\u202e" not in line
        if "evil.test" in sentence.text and "https://" in sentence.text:
            assert "link" in [problem.kind for problem in sentence.problems]


def test_too_long_a_text_is_refused_in_one_line(agent: Agent) -> None:
    with pytest.raises(InputError, match="expected at most 200,000"):
        agent.check("x" * (MAX_CHARACTERS + 1))
    with pytest.raises(InputError, match="expected at most 2,000"):
        agent.check("a\n\n" * (MAX_SENTENCES + 1))


@pytest.mark.parametrize("text", ["", " \n\t", "```\n```", "…", "\x00\x1b"])
def test_a_text_without_a_sentence_has_none(agent: Agent, text: str) -> None:
    checked = agent.check(text)
    assert checked.sentences == () and checked.passed


def test_a_registry_of_one_card_and_words_alone_are_enough() -> None:
    card = Card(
        id="crisp", name="Crisp", task="deblurring pictures", links={"code": "https://a.test/crisp"},
        summary="Crisp removes blur from pictures with 12 layers.",
    )  # fmt: skip
    agent = Agent(Settings(model=None))
    agent.registry = Registry.from_cards([card])
    agent.index = Index.build(agent.registry, "there is no model")
    assert only(agent.check("With its 12 layers Crisp removes blur from pictures.")).verdict == (
        "consistent"
    )
    assert kinds(agent.check("With its 13 layers Crisp removes blur from pictures.")) == ["number"]
    assert kinds(agent.check("Crisp was praised by bakers all over the country.")) == ["no-fact"]


def test_nothing_of_a_language_model_is_loaded() -> None:
    program = (
        "import sys; from agent import Agent; Agent().check('MIMO-UNet+ adds a correction.');"
        "print([m for m in sys.modules if m.partition('.')[0] in"
        " ('openai', 'langchain', 'langchain_core', 'langchain_openai', 'torch')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
