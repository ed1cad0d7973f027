"""What opens an answer about a picture: the measurements that were asked for, and no others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from agent.answer.compose import compose
from agent.answer.evidence import opening_statements, statements
from agent.answer.inquiry import Inquiry, Part
from agent.answer.verify import verify
from agent.files import DEFAULT_REGISTRY
from agent.registry import load
from agent.systems.catalogue import TOOLS
from agent.types import Answer, Evidence, Match, ParsedQuestion, Question, RunResult


def run(tool: str, prefix: str = "", image: str = "shot.png", **values: Any) -> RunResult:
    """Of a value and its unit, or its unit and the words that were read."""
    evidence = tuple(
        Evidence(
            id=f"{image.partition('.')[0]}.{prefix}{key.replace('_', '-')}", quantity=key,
            value=value, unit=unit, measured_on=f"{image}, restored, near the top left",
            method="within 3 px, 10–90 %, 24 × 24 px", text=text[0] if text else None,
        )
        for key, (value, unit, *text) in values.items()
    )  # fmt: skip
    card = {"restore": "mimo-unet-plus", "read_text": "llavar"}.get(tool, "featsharp")
    return RunResult(card=card, tool=tool, image=image, status="ran", evidence=evidence)


def restored(image: str = "shot.png", after: float = 1.51, halo: float = 0.0) -> RunResult:
    return run(
        "restore", image=image, factor=(3, "×"), edges=(9_000, "edges"),
        edge_width_enlarged=(2.93, "px"), edge_width_restored=(after, "px"),
        edge_width_ratio=(after / 2.93, "×"), overshoot_enlarged=(4, "%"),
        overshoot_restored=(4 + halo, "%"), overshoot_change=(halo, "percentage points"),
        flat_change=(0.2, "grey levels (0–255)"), colour_change=(5, "grey levels (0–255)"),
        low_frequency_agreement=(45, "dB"), mean_change=(4, "grey levels (0–255)"),
    )  # fmt: skip


READ = run(
    "read_text", "text-", lines=(20, "lines"), words_restored=(80, "words"), changed=(14, "places"),
    doubtful=(13, "places"), agreement=(97.5, "%"), confidence_enlarged=(90, "%"),
    confidence_restored=(95, "%"), confidence_change=(5, "percentage points"),
    line_1=(99, "%", "Exit"), doubt_1=(40, "%", "rn → m"), doubt_2=(55, "%", "l1t → lit"),
)  # fmt: skip
RUNS = (restored(), READ)


def asked(*effects: str, **more: Any) -> ParsedQuestion:
    return ParsedQuestion(**{"intent": "look", "effects": effects} | more)


def told(parsed: ParsedQuestion, runs: Iterable[RunResult] = RUNS) -> list[str]:
    said = list(opening_statements(tuple(runs), parsed))
    assert all(s.section == "answer" and s.evidence and not s.claims for s in said)
    return [s.text for s in said]


@pytest.mark.parametrize(
    ("effect", "opening"),
    [
        ("text", "Of 14 places in shot.png that read differently after restoration, 13 are "
                 "doubtful: “rn → m” near the top left and “l1t → lit” near the top left."),
        ("sharpness", "shot.png came out sharper: the median width of its edges went from 2.93 px "
                      "to 1.51 px."),
        ("blur", "shot.png came out sharper"),
        ("artefacts", "Overshoot beside strong edges stayed at 4 % of their step"),
        ("colour", "The colour of a pixel of shot.png changed by 5 grey levels (0–255) on average: "
                   "colours were changed."),
        ("hallucination", "A pixel of shot.png that is more than 3 px away from strong edges "
                          "changed by 0.2 grey levels"),
        ("structure", "Brightness over blocks of 24 × 24 px agrees to 45 dB"),
    ],
)  # fmt: skip
def test_a_question_about_the_picture_is_answered_by_what_it_names(
    effect: str, opening: str
) -> None:
    assert told(asked(effect))[0].startswith(opening)
    assert told(asked(effect, intent="verify"))[0].startswith(opening)


def test_invented_letters_are_looked_for_too() -> None:
    said = told(asked("hallucination"))
    assert any("Letters there may be invented" in text for text in said)


def test_what_went_badly_comes_first_and_nothing_twice() -> None:
    said = told(asked("sharpness", "edges", "text", complaints=("text",)))
    assert said[0].startswith("Of 14 places") and "came out sharper" in said[1]
    assert len(said) == len(set(said)) <= 4


def test_a_picture_that_was_not_recovered_is_told_so_with_what_to_try() -> None:
    (said,) = told(asked("blur"), [restored(after=2.95)])
    assert said.startswith("shot.png is as blurred as it was") and "Try a smaller factor" in said


@pytest.mark.parametrize(
    ("effect", "after", "hoped", "feared"),
    [
        ("sharpness", 1.51, "Yes. shot.png came out sharper:", "No. shot.png came out sharper:"),
        ("sharpness", 2.2, "Yes. shot.png came out sharper, though it still looks soft",
         "A little. shot.png came out sharper, though it still looks soft"),
        ("sharpness", 2.93, "No. shot.png is as blurred", "Yes. shot.png is as blurred"),
        ("sharpness", 4, "No. shot.png came out more blurred", "Yes. shot.png came out more"),
        ("colour", 1, "No. The colour of a pixel", "Yes. The colour of a pixel"),
        ("structure", 1, "Yes. Brightness over blocks", "No. Brightness over blocks"),
        ("text", 1, "Probably not everywhere. Of 14 places", "Probably. Of 14 places"),
        ("artefacts", 1, "Overshoot beside", "No new ones. Overshoot beside"),
        ("noise", 1, "A pixel of shot.png", "A pixel of shot.png"),
    ],
)  # fmt: skip
def test_a_yes_or_no_comes_first_where_the_measurements_decide_it(
    effect: str, after: float, hoped: str, feared: str
) -> None:
    runs = (restored(after=after), READ)
    assert told(asked(effect, yes="well"), runs)[0].startswith(hoped)
    assert told(asked(effect, yes="badly"), runs)[0].startswith(feared)


def test_pictures_that_differ_get_neither_yes_nor_no_and_the_worse_comes_first() -> None:
    runs = (restored("good.png"), restored("bad.png", after=2.93))
    first, second = told(asked("sharpness", yes="well"), runs)
    assert first.startswith("In part. bad.png is as blurred as it was")
    assert second.startswith("good.png came out sharper")
    assert told(asked("sharpness", yes="badly"), runs)[0].startswith("Yes. bad.png")


def test_yes_is_not_said_of_two_pictures_where_one_was_sharp_already() -> None:
    sharp = restored("sharp.png").model_copy(
        update={
            "evidence": tuple(
                item.model_copy(update={"value": 1.0}) if "width" in item.id else item
                for item in restored("sharp.png").evidence
            )
        }
    )
    first = told(asked("sharpness", yes="well"), (restored("soft.png"), sharp))[0]
    assert first.startswith("In part. soft.png came out sharper")


def test_doubtful_letters_outweigh_flat_areas_where_inventions_are_feared() -> None:
    said = told(asked("hallucination", yes="badly"))
    assert said[0].startswith("Probably. Of 14 places")
    assert any(text.startswith("A pixel of shot.png") for text in said[1:])


def test_what_the_answer_told_first_is_not_told_again() -> None:
    opening = list(opening_statements(RUNS, asked("text", yes="well")))
    again = [s.text for s in statements(RUNS, opening)]
    assert again and not {s.text.removeprefix("Probably not everywhere. ") for s in opening} & {
        *again
    }
    assert len(again) < len(list(statements(RUNS)))


def test_who_names_nothing_is_told_of_sharpness_and_text() -> None:
    said = " ".join(told(asked()))
    assert "came out sharper" in said and "Of 14 places" in said


def test_who_asks_what_is_written_is_read_to() -> None:
    assert told(asked(operation="read_text")) == [
        "In shot.png it reads: “Exit”.",
        "It has 20 lines, of which only these are quoted.",
    ]
    nothing = run("read_text", "text-", lines=(0, "lines"))
    (said,) = told(asked(operation="read_text"), [nothing])
    assert said.startswith("No text was found in shot.png")


@pytest.mark.parametrize(
    ("after", "halo", "said"),
    [
        (1.51, 0, "became about half as wide (2.93 to 1.51 px) without a halo"),
        (1.0, 8, "became less than half as wide (2.93 to 1 px), and gained a halo"),
        (2.7, 2, "became a little narrower (2.93 to 2.7 px)"),
    ],
)
def test_why_gets_one_sentence_with_the_decisive_figures(
    after: float, halo: float, said: str
) -> None:
    why = asked("edges", "text", intent="explain")
    (sentence,) = told(why, [restored(after=after, halo=halo), READ])
    assert sentence == (
        f"On your picture the edges {said}, "
        "and 97.5 % of the characters were read the same as before."
    )
    assert len(told(why, [restored(), restored("other.png")])) == 2


def test_a_picture_that_was_sharp_is_told_so() -> None:
    sharp = restored(after=1.0)
    sharp = sharp.model_copy(
        update={
            "evidence": tuple(
                item.model_copy(update={"value": {"px": 1.0, "×": 1.0}.get(item.unit, item.value)})
                if "width" in item.id else item
                for item in sharp.evidence
            )
        }
    )  # fmt: skip
    assert told(asked("blur", yes="badly"), [sharp])[0].startswith("No. shot.png was sharp")
    assert told(asked("sharpness", yes="well"), [sharp])[0].startswith("shot.png was sharp")
    (why,) = told(asked(intent="explain"), [sharp])
    assert why == "On your picture the edges were sharp already (1 to 1 px)."
    (said,) = told(asked("sharpness"), [sharp])
    assert said.startswith("shot.png was sharp already, so there was no blur to remove")


def at_factor(run: RunResult, factor: int) -> RunResult:
    """The run as the bench names it at another factor."""
    renamed = (
        item.model_copy(
            update={"id": item.id.replace(".", f"-{factor}x.", 1)}
            | ({"value": factor} if item.id.endswith(".factor") else {})
        )
        for item in run.evidence
    )
    return run.model_copy(update={"evidence": tuple(renamed)})


def test_another_factor_is_set_beside_that_of_the_question() -> None:
    runs = [restored(), at_factor(restored(after=2.0), 2)]
    first, second = told(asked("edges", intent="explain"), runs)
    assert first.startswith("On your picture the edges became about half as wide (2.93 to 1.51 px)")
    assert second.startswith("On your picture, enlarged 2× instead, the edges became")
    assert "(2.93 to 2 px)" in second
    statement = list(opening_statements(runs, asked("edges", intent="explain")))[1]
    assert "shot-2x.factor" in statement.evidence
    assert {id.partition(".")[0] for id in statement.evidence} == {"shot-2x"}


def test_a_question_about_the_picture_is_answered_at_its_own_factor() -> None:
    runs = [restored(), at_factor(restored(after=2.9), 2)]
    assert told(asked("sharpness"), runs) == told(asked("sharpness"), runs[:1])


def test_a_picture_that_is_named_like_another_factor_is_a_picture_of_its_own() -> None:
    runs = [restored(), restored("shot-2x.png")]
    assert len(told(asked("edges", intent="explain"), runs)) == 2
    assert not any("instead" in text for text in told(asked("edges", intent="explain"), runs))


def test_why_is_told_first_where_the_picture_was_not_recovered() -> None:
    why = asked("edges", intent="explain")
    said = told(why, [restored(after=2.95), READ])
    assert said[0].startswith("shot.png is as blurred as it was")
    assert "Try a smaller factor" in said[0]
    assert said[1] == "On your picture 97.5 % of the characters were read the same as before."
    both = told(why, [restored(after=2.95), restored("other.png")])
    assert both[1].startswith("On other.png the edges became about half as wide")


def test_why_it_went_wrong_is_answered_by_what_went_wrong() -> None:
    why = asked("blur", intent="explain", complaints=("blur",))
    assert told(why, [restored(after=3)])[0].startswith("shot.png is as blurred as it was")


@pytest.mark.parametrize(
    "parsed",
    [
        asked("text", intent="how_to"),
        asked("text", intent="define"),
        asked("text", intent="compare"),
        asked(intent="chat"),
        asked(intent="fact", topics=("licence",)),
        asked("text", intent="verify", models=("LLaVAR",)),
    ],
)
def test_other_questions_get_none_of_it(parsed: ParsedQuestion) -> None:
    assert told(parsed) == []


def test_nothing_is_said_of_what_did_not_run() -> None:
    skipped = [r.model_copy(update={"status": "skipped"}) for r in RUNS]
    assert told(asked("text"), skipped) == told(asked(intent="explain"), skipped) == []


def test_a_card_is_cited_only_where_its_system_is_named() -> None:
    features = run("sharpen_features", "features-", factor=(4, "×"), cells_before=(9, "cells"),
                   cells_after=(36, "cells"))  # fmt: skip
    cited = {s.text.split()[0]: s.claims for s in statements([*RUNS, features])}
    assert {claim for claims in cited.values() for claim in claims} == {"featsharp/task"}


def composed(parsed: ParsedQuestion, runs: Iterable[RunResult]) -> Answer:
    """The answer about MIMO-UNet+ from the registry that comes with the program."""
    matches = [Match(card="mimo-unet-plus", score=0.9, margin=0.5, reasons=())]
    part = Part("Why?", parsed, matches)
    registry = load(DEFAULT_REGISTRY)
    return compose(Inquiry("Why?", parsed, [part], registry, lambda text, card: {}, tuple(runs)))


@pytest.mark.parametrize("intent", ["explain", "verify", "fact", "how_to", "compare"])
def test_no_statement_of_an_answer_cites_a_card_without_reference(intent: Any) -> None:
    answer = composed(asked("edges", intent=intent, operation="enlarge"), RUNS)
    listed = {reference.card for reference in answer.references}
    for statement in answer.statements:
        assert {claim.partition("/")[0] for claim in statement.claims} <= listed, statement.text


def test_every_sentence_passes_the_check() -> None:
    """Numbers stand in the evidence that a sentence cites."""
    registry, evidence = load(DEFAULT_REGISTRY), [item for r in RUNS for item in r.evidence]
    effects = ("text", "sharpness", "artefacts", "colour", "hallucination", "structure")
    said = [
        *statements(RUNS),
        *(s for effect in effects for s in opening_statements(RUNS, asked(effect))),
        *opening_statements(RUNS, asked(intent="explain")),
    ]
    answer = composed(asked("edges", intent="explain"), ())
    answer = answer.model_copy(update={"statements": tuple(said)})
    found = verify(answer, "", Question(text="Why?"), evidence, registry)
    assert found.unsupported == found.unsupported_numbers == ()


def test_every_tool_answers_for_tags_that_exist() -> None:
    from agent.question.lexicon import TAGS

    for spec in TOOLS.values():
        assert set(spec.about) <= set(TAGS), spec.key
