"""The outline: what a reader is shown, in which order and with which sources, on any page."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.report.marks import Sentence
from agent.report.outline import Outline, outline
from agent.text import first_unsafe
from agent.types import (
    Answer,
    ModelUse,
    Question,
    Report,
    Statement,
    ToolCall,
    Transcript,
    Verdict,
    Verification,
)


def texts(sentences: tuple[Sentence, ...]) -> list[str]:
    return [sentence.text for sentence in sentences]


def labels(sentence: Sentence) -> list[str]:
    return [mark.label for mark in sentence.marks]


def strings(value: object) -> Iterator[str]:
    """Every string in an outline, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from strings(item)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from strings(getattr(value, field.name))


# --- the answer -----------------------------------------------------------------------------------


def test_a_direct_answer_is_its_sentences_and_its_table(make: SimpleNamespace) -> None:
    shown = outline(make.direct())
    assert texts(shown.answer) == ["It depends on the system."]
    assert [(label, sentence.text) for label, sentence in shown.table] == [
        ("MIMO-UNet+", "No: a | b."),
        ("LLaVAR", "Research only."),
    ]
    assert [labels(sentence) for _, sentence in shown.table] == [["1"], ["2"]]


def test_lines_to_be_copied_keep_their_indentation(make: SimpleNamespace) -> None:
    shown = outline(make.direct(listing="a \\\n\t--b  \n\n  \x1b[2Jc"))
    assert shown.listing == "a \\\n  --b\n\n  \\x1b[2Jc"


def test_an_abstention_answers_with_its_reason_and_does_not_repeat_it(
    make: SimpleNamespace,
) -> None:
    shown = outline(make.abstaining())
    assert texts(shown.answer) == ["No card of the registry is about baking bread."]
    assert shown.limits == ()


def test_small_talk_is_answered_and_has_no_parts(make: SimpleNamespace) -> None:
    shown = outline(make.small_talk())
    assert texts(shown.answer) == ["Hello. Ask something."]
    assert (shown.task, shown.flow, shown.ways, shown.no_entries) == ((), (), (), "")


def test_the_lead_of_the_task_does_not_repeat_its_statements(make: SimpleNamespace) -> None:
    stated = make.answer().statements[0].text
    shown = outline(make.report(answer=make.answer(task=f"You ask why. {stated}")))
    assert texts(shown.task) == ["You ask why.", stated]


def test_every_answer_but_small_talk_has_a_task(make: SimpleNamespace) -> None:
    answer = Answer(status="answered", task="")
    assert len(outline(make.report(answer=answer)).task) == 1


# --- the workflow ---------------------------------------------------------------------------------


def test_a_fact_explains_the_first_step_that_rests_on_it_and_no_other(
    make: SimpleNamespace,
) -> None:
    first, *others = make.answer().workflow
    shared = others[0].claims
    steps = (first, others[0], others[1].model_copy(update={"claims": shared}))
    (way,) = outline(make.report(answer=make.answer(workflow=steps))).ways
    assert [len(step.explained) for step in way.steps] == [0, 1, 0]


def test_what_explains_no_step_is_shown_after_them(make: SimpleNamespace) -> None:
    assert texts(outline(make.report()).further) == [
        "A second loss compares the Fourier transforms."
    ]


def test_a_workflow_of_one_step_is_a_single_line(make: SimpleNamespace) -> None:
    step = make.answer().workflow[0].model_copy(update={"text": "blurred → sharp"})
    shown = outline(make.report(answer=make.answer(workflow=(step,))))
    assert texts(shown.flow) == ["Blurred → sharp"]
    assert shown.ways == ()


def test_only_where_there_are_several_systems_is_each_named(make: SimpleNamespace) -> None:
    steps = make.answer().workflow
    (alone,) = outline(make.report()).ways
    other = [step.model_copy(update={"card": "llavar"}) for step in steps]
    both = outline(make.report(answer=make.answer(workflow=(*steps, *other)))).ways
    assert alone.name is None
    assert [way.name for way in both] == ["Deblur-MIMO-UNet-Plus", "LLaVAR"]


def test_sentences_about_one_system_stay_together(make: SimpleNamespace) -> None:
    beside = [
        Statement(section="complementary", text=text, claims=claims)
        for text, claims in (
            ("LLaVAR reads.", ("llavar/summary",)),
            ("MIMO-UNet+ deblurs.", ("mimo-unet-plus/task",)),
            ("LLaVAR answers.", ("llavar/task",)),
        )
    ]
    shown = outline(make.report(answer=make.answer(statements=beside)))
    assert [texts(group) for group in shown.complementary] == [
        ["LLaVAR reads.", "LLaVAR answers."],
        ["MIMO-UNet+ deblurs."],
    ]


# --- what ran -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["skipped", "failed"])
def test_what_did_not_run_shows_no_measurement_and_says_why(
    make: SimpleNamespace, status: str
) -> None:
    run = make.run(status=status, reason="the disk is full")
    shown = outline(make.report(runs=(run,)))
    assert (shown.rows, shown.measurements, shown.pictures, shown.provenance) == ((), (), (), ())
    assert "the disk is full" in shown.not_run[0].text and status in shown.not_run[0].text


def test_a_sentence_on_a_measurement_without_a_run_stands_under_what_did_not_run(
    make: SimpleNamespace,
) -> None:
    shown = outline(make.report(runs=(make.skipped(),)))
    assert make.answer().statements[4].text in texts(shown.not_run)


def test_a_run_is_told_with_its_device_weights_and_versions(make: SimpleNamespace) -> None:
    (line,) = outline(make.report()).provenance
    for part in ("shot.png", "3.2 s", "cpu", "float32", "weights abababababab", "torch 2.13.0+cpu"):
        assert part in line


def test_a_picture_that_two_runs_name_is_shown_once(make: SimpleNamespace) -> None:
    pictures = outline(make.report(runs=(make.run(), make.run()))).pictures
    assert [picture.name for picture in pictures] == list(make.pictures())
    assert [picture.is_comparison for picture in pictures] == [False, False, True]


def test_a_limit_that_is_stated_with_its_source_is_not_said_again(make: SimpleNamespace) -> None:
    stated = make.answer().statements[-1].text
    shown = outline(make.report(answer=make.answer(limits=(stated, "Another limit."))))
    assert texts(shown.limits) == [stated, "Another limit."]


@pytest.mark.parametrize(
    ("section", "outcome", "explained"),
    [
        ("answer", "supported", False),
        ("answer", "contradicted", True),
        ("workflow", "supported", True),
        ("workflow", "untested", True),
    ],
)
def test_signs_are_explained_where_a_sentence_may_bear_one(
    make: SimpleNamespace, section: str, outcome: str, explained: bool
) -> None:
    verdict = Verdict.model_validate({"outcome": outcome, "reason": "it was measured"})
    statement = Statement.model_validate(
        {"section": section, "text": "Edges stay sharp.", "claims": ("a/b",), "verdict": verdict}
    )
    shown = outline(make.report(answer=make.answer(statements=(statement,))))
    assert bool(shown.legend) is explained


# --- references -----------------------------------------------------------------------------------


def test_references_are_numbered_in_the_order_of_the_answer(make: SimpleNamespace) -> None:
    entries = outline(make.report()).entries
    assert [(entry.number, entry.anchor) for entry in entries] == [(1, "ref-1"), (2, "ref-2")]
    assert entries[0].where == "ICCV 2021, arXiv:2108.05054"
    assert entries[1].byline == "Yanzhe Zhang, Ruiyi Zhang (2023)"


def test_a_long_list_of_authors_is_cut(make: SimpleNamespace) -> None:
    names = tuple(f"Author {letter}" for letter in "ABCDEFGHIJ")
    (entry,) = outline(_citing(make, authors=names)).entries
    assert "Author A" in entry.byline and "et al." in entry.byline
    assert "Author J" not in entry.byline


def test_the_venue_of_a_preprint_does_not_repeat_its_arxiv_id(make: SimpleNamespace) -> None:
    (entry,) = outline(_citing(make, venue="arXiv preprint")).entries
    assert entry.where == "arXiv:2108.05054"


def test_only_web_addresses_become_links(make: SimpleNamespace) -> None:
    links = {"paper": "javascript:alert(1)", "code": "file:///etc/passwd", "arxiv": "https://a.b/c"}
    (entry,) = outline(_citing(make, links=links)).entries
    assert entry.links == (("arXiv", "https://a.b/c"),)


def test_an_answer_about_the_program_says_why_it_cites_nothing(make: SimpleNamespace) -> None:
    about_program = outline(make.about_program())
    assert about_program.entries == ()
    assert "Groundglass" in about_program.no_entries
    assert "Groundglass" not in outline(make.abstaining()).no_entries


def _citing(make: SimpleNamespace, **changes: object) -> Report:
    report: Report = make.report(answer=make.answer(references=(make.reference(**changes),)))
    return report


# --- how the report came about --------------------------------------------------------------------


def test_everything_that_the_check_objects_to_is_counted_and_listed(make: SimpleNamespace) -> None:
    verification = Verification(
        statements=4,
        unsupported=("a lie",),
        unsupported_numbers=("7 in: a",),
        foreign_references=("https://evil.example",),
        wrong_verdicts=("a verdict",),
    )
    shown = outline(make.report(verification=verification))
    for failure, part in zip(
        shown.failures, ("a lie", "7 in: a", "https://evil.example", "a verdict"), strict=True
    ):
        assert failure.endswith(part)
    assert "4 statements" in shown.footer[0] and "4, listed" in shown.footer[0]


def test_the_footer_names_program_registry_search_and_time(make: SimpleNamespace) -> None:
    origin = outline(make.report()).footer[-1]
    for part in ("groundglass 0.1.0", "3f2a91c0ffee", "hybrid", "2026-11-23T08:00:00+00:00"):
        assert part in origin


def use(**changes: object) -> ModelUse:
    fields: dict[str, object] = {"name": "a:model", "wrote": True, "prompts_sha256": "0" * 64}
    return ModelUse.model_validate(fields | changes)


def footer_of(make: SimpleNamespace, model: ModelUse) -> str:
    return "\n".join(outline(make.report(model=model)).footer)


def test_a_model_is_named_with_what_became_of_its_sentences(make: SimpleNamespace) -> None:
    footer = footer_of(make, use(judge="b:judge", sentences={"judged": 9, "dropped": 2}))
    assert "a:model worded this answer" in footer
    assert "9 judged supported by b:judge" in footer and "2 left out" in footer


def test_a_model_that_did_not_serve_is_not_said_to_have_written(make: SimpleNamespace) -> None:
    footer = footer_of(make, use(wrote=False, notes=("it cannot be reached",)))
    assert "a:model did not word this answer" in footer and "it cannot be reached." in footer


@pytest.mark.parametrize(
    ("cost", "part"), [(0.0123, "0.0123 US dollars (list price)"), (None, "at an unknown price")]
)
def test_what_a_model_cost_is_said_or_said_to_be_unknown(
    make: SimpleNamespace, cost: float | None, part: str
) -> None:
    model = use(calls=2, input_tokens=1_200, output_tokens=300, cost_usd=cost, price="list price")
    footer = footer_of(make, model)
    assert "1,200 tokens in and 300 out" in footer and part in footer


def test_tokens_that_were_estimated_are_marked_as_such(make: SimpleNamespace) -> None:
    model = use(calls=1, input_tokens=1_200, output_tokens=300, estimated=True)
    assert "about 1,200 tokens" in footer_of(make, model)


def test_whether_the_meaning_was_checked_is_said(make: SimpleNamespace) -> None:
    assert "was not checked" in footer_of(make, use())
    assert "was not checked" not in footer_of(make, use(judge="b:judge"))


def test_pictures_that_left_the_machine_are_counted(make: SimpleNamespace) -> None:
    assert "Pictures sent to it: 2." in footer_of(make, use(pictures_sent=2))
    assert "Pictures sent" not in footer_of(make, use())


@pytest.mark.parametrize("ended", ["finished", "limit", "failed", "nothing to choose"])
def test_how_an_agent_ended_is_its_last_line(make: SimpleNamespace, ended: str) -> None:
    call = ToolCall(tool="restore", arguments={"factor": 3}, outcome="refused", result="too large")
    transcript = Transcript.model_validate(
        {"model": "a:model", "calls": [call], "ended": ended, "reason": "it had to"}
    )
    first, last = outline(make.report(transcript=transcript)).tool_calls
    assert first == "restore (factor 3): refused, too large"
    assert last.startswith("a:model ") and last.endswith(": it had to.")


# --- the whole ------------------------------------------------------------------------------------


def test_sentences_are_told_in_the_order_in_which_they_are_shown(make: SimpleNamespace) -> None:
    run_texts = texts(tuple(outline(make.report()).sentences()))
    stated = [statement.text for statement in make.answer().statements]
    assert [text for text in run_texts if text in stated] == stated


def test_a_report_is_outlined_once_and_another_anew(make: SimpleNamespace) -> None:
    first, second = make.report(), make.small_talk()
    assert outline(first) is outline(first)
    assert outline(second) != outline(first)


@settings(max_examples=60)
@given(
    text=st.text(min_size=1, max_size=20) | st.sampled_from(["\x1b[2J", "a\u202eb", "a\nb", "\r"])
)
def test_every_string_is_one_line_that_steers_nothing(make: SimpleNamespace, text: str) -> None:
    run = make.run(
        image=text,
        artefacts=[{"name": "a.png", "caption": text, "sha256": ""}],
        evidence=[make.evidence("a", 1.0, text).model_copy(update={"quantity": text})],
    )
    shown: Outline = outline(
        make.report(
            question=Question.model_construct(text=text, images=(), upscale=None, turns=()),
            runs=(run, make.skipped(text)),
            answer=make.answer(
                note=text,
                task=text,
                statements=[
                    Statement(section=section, text=text, claims=(f"{text}/x",), row=row)  # type: ignore[arg-type]
                    for section in ("answer", "workflow", "complementary", "evidence", "limits")
                    for row in (None, text)
                ],
                references=(make.reference(title=text, venue=text, authors=(text,)),),
                limits=(text,),
            ),
            verification=Verification(statements=1, unsupported=(text,)),
            model=use(name=text, notes=(text,), rejected={text: 1}),
        )
    )
    for string in strings(dataclasses.replace(shown, diagram=None)):
        assert first_unsafe(string) is None
        assert len(string.splitlines()) <= 1
