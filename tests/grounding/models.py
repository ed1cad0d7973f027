"""Hostile models and judges of every kind, each against the same questions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agent.lab.evaluation.swaps import source, swaps
from agent.question.languages import languages
from agent.types import Question
from tests.grounding.attack import LIE, Attack, replaced, worded
from tests.grounding.attacks import attacks
from tests.grounding.bench import ENGLISH, GERMAN, Bench
from tests.grounding.ground import READ, formats, unsaid, unseen
from tests.grounding.judges import Judge, bad_judges, doubting
from tests.grounding.lies import LIES, lies, misreadings
from tests.grounding.outcome import Outcome
from tests.llm.honest import honest

#: Questions with what a fact that answers them holds, and its numbers told of something else.
FIGURES = (
    (
        "Is LLaVAR better than LLaVA at reading text in pictures?",
        "17.1 on ST-VQA",
        (
            "LLaVAR improves on LLaVA by 19.6 points on DocVQA.",
            "LLaVAR improves on LLaVA by 7.1 points on TextVQA and by 19.6 on DocVQA.",
        ),
    ),
    (
        "How good is MIMO-UNet+ on GoPro?",
        "SSIM of 0.957",
        (
            "The smaller MIMO-UNet reaches a PSNR of 32.45 dB on GoPro.",
            "MIMO-UNet+ reaches an SSIM of 0.951 on GoPro.",
        ),
    ),
)
#: Sentences whose faults are the same in every language.
_ANYWHERE = ("arXiv:2999.01234", "NAFNet: 31.7 dB", "https://evil.test/zzqx")


def hostile_models(bench: Bench) -> Iterator[Outcome]:
    """What the exact checks hold off, with a judge that lets everything pass, or with none."""
    every = [attack for attack in attacks() if not attack.pictured]
    sentences = [attack for attack in every if not attack.again and "correct" in attack.behaviour]
    yield from bench.attacked(ENGLISH, every)
    yield from bench.attacked(GERMAN, sentences)
    yield from bench.attacked(ENGLISH, sentences, Judge(None), " without a judge")
    for text, holds, others in FIGURES:
        wrong = [replaced(f"figure of something else: {lie}", lie, holds) for lie in others]
        yield from bench.attacked(Question(text=text), wrong)
    settings = bench.agent.settings
    bench.agent.settings = replace(settings, evidence="full")  # there is a choice to attack
    pictured = Question(text=ENGLISH.text, images=(bench.picture,))
    choosing = [attack for attack in attacks() if attack.pictured]
    yield from bench.attacked(pictured, [*sentences, *choosing])
    bench.agent.settings = settings


def other_languages(bench: Bench) -> Iterator[Outcome]:
    """The same in every language of an answer: names, links, numbers in words, runs."""
    for code, question in _spoken():
        texts = (LIES[code].figure, *LIES[code].runs, *_ANYWHERE)
        tried = [worded(text, "lying", text) for text in texts]
        tried += [replaced(f"alone: {text}", text) for text in texts]
        yield from bench.attacked(question, tried, suffix=", in other languages")


def lying_models(bench: Bench) -> Iterator[Outcome]:
    """Lies in plain words under a judge that tells what is so, in every language."""
    suffix = " under an honest judge"
    for judge in (Judge(honest), Judge(honest, other=True)):
        yield from bench.attacked(ENGLISH, [*lies()], judge, suffix)
    yield from bench.attacked(ENGLISH, [*_swaps(bench, ENGLISH)], Judge(honest), suffix)
    for verdict in ("partly", "contradicted"):
        for first in (True, False):
            judge = Judge(doubting(verdict, first))
            tried = [worded(f"{verdict} and entailed, {first}", "lying", LIE)]
            yield from bench.attacked(ENGLISH, tried, judge, " under a judge of two minds")
    for code, question in _spoken():
        tried = [worded(text, "lying", text) for text in LIES[code].plain]
        tried += [replaced(f"alone: {text}", text) for text in LIES[code].plain]
        tried += [worded(f"task: {text}", "lying", text, "task") for text in LIES[code].plain]
        yield from bench.attacked(question, tried, Judge(honest), f"{suffix}, other languages")


def _swaps(bench: Bench, question: Question) -> Iterator[Attack]:
    """False variants of the claims that an answer rests on, in the place of these."""
    report, registry = bench.ask(question, None), bench.agent.registry
    claims = {claim for s in report.answer.statements for claim in s.claims}
    for swap in swaps(registry):
        if swap.claim in claims:
            name, fact = f"{swap.kind}: {swap.text}", source(swap, registry).text
            # Where a detail quotes the claim already, nothing is left to answer with.
            yield replace(replaced(name, swap.text, fact), rest_stands=False)


def misreading_models(bench: Bench) -> Iterator[Outcome]:
    """What a model makes of a question steers the answer, and is no part of it."""
    for attack in misreadings():
        trial = bench.trial(attack, ENGLISH, Judge(honest))
        forms = [form for form, text in formats(trial.report) if form in READ and "aliens" in text]
        wrong = [f"{form} holds it" for form in forms]
        if missed := attack.behaviour.keys() - trial.occasions:
            wrong.append(f"the model had no occasion to attack: {', '.join(sorted(missed))}")
        yield Outcome("lying model, misreading the question", attack.name, tuple(wrong))


def unusable_judges(bench: Bench) -> Iterator[Outcome]:
    """Judges whose replies cannot be used: nothing passes unseen."""
    for question, words in ((ENGLISH, LIE), (GERMAN, LIES["de"].plain[0])):
        lie = worded("", "lying", words, "details")
        ground = bench.ground(question)
        for bad in bad_judges():
            attack = replace(lie, name=bad.name, behaviour={"write": lie.behaviour["write"]})
            for other in (False, True):
                trial = bench.trial(attack, question, Judge(bad.script, other))
                wrong = [*bench.faults(trial, attack, ground), *unseen(trial.report, ground)]
                if "judge" not in trial.occasions:
                    wrong.append("the judge was not asked")
                name = f"{bad.name}{', another model' * other}: {question.text[:20]}"
                yield Outcome(f"{bad.role} judge", name, tuple(wrong))


def unjudged(bench: Bench) -> Iterator[Outcome]:
    """Without a judge lies in plain words pass, and every form of the report says so."""
    cases = [(ENGLISH, [*lies()])]
    cases += [
        (question, [worded(text, "lying", text) for text in LIES[code].plain])
        for code, question in _spoken()
    ]
    for question, tried in cases:
        for attack in tried:
            trial = bench.trial(attack, question, Judge(None))
            wrong = [*unsaid(trial.report)]
            if "write" not in trial.occasions:
                wrong.append("the model had no occasion to attack")
            name = f"{attack.name}: {question.text[:20]}"
            yield Outcome("lying model without a judge, said to be unchecked", name, (*wrong,))


def _spoken() -> Iterator[tuple[str, Question]]:
    """A question in every language of an answer other than English, with its code."""
    for language in languages().each:
        if language.lexicon:
            yield language.code, Question(text=f"MIMO-UNet+: {language.example}")
