"""The offline composer: an `Answer` from facts of the registry and from evidence alone.

The direct answer comes first, then the task, the workflow at the length that the kind of question
calls for, and the limits that bear on it. Every sentence about a system is a curated answer or a
fact of its card, and every number about a picture is an `Evidence`; the words that connect them are
in `agent.answer.wording` and `agent.answer.task`. The composer uses no language model and states
nothing of its own.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from agent.answer import evidence, wording
from agent.answer.direct import direct
from agent.answer.fields import claimed_tags, field_claims
from agent.answer.inquiry import Inquiry, Part, cards_of
from agent.answer.ranking import asked_tags, bears_on, choose
from agent.answer.recommendation import observations, wished
from agent.answer.shape import FOR_LAYMEN, SHAPES, Shape, longest
from agent.answer.small_talk import reply_to
from agent.answer.task import task_of
from agent.answer.workflow import workflow
from agent.question.translation import language_note
from agent.registry import Registry
from agent.types import (
    Answer,
    Card,
    Claim,
    Match,
    ParsedQuestion,
    Reference,
    Statement,
    WorkflowStep,
)

_Item = TypeVar("_Item", bound=Hashable)

#: Kinds of question that relevant measurements on a picture answer by themselves.
_OF_THE_PICTURE = ("look", "verify", "fact")


def compose(inquiry: Inquiry) -> Answer:
    """Write the answer to an inquiry."""
    if inquiry.parsed.intent == "chat":
        return Answer(status="answered", task=reply_to(inquiry.text, inquiry.parsed))
    answered = [part for part in inquiry.parts if part.matches or part.curated]
    if not answered:
        return _abstained(inquiry)
    kind = longest({part.parsed.intent for part in answered})
    shape = FOR_LAYMEN if inquiry.parsed.layman else SHAPES[kind]
    mains = _distinct(card for part in answered for card in inquiry.mains(part))
    directs = [direct(part, inquiry) for part in answered]
    curated: list[Statement] = _distinct(s for one in directs for s in one.statements)
    task, *rest = task_of(inquiry.text, inquiry.parsed, mains)
    if inquiry.parsed.wish and all(part.recommends for part in inquiry.parts):
        task = (wished(inquiry.parsed.wish), ())
    statements: list[Statement] = [*observations(inquiry), *_opening(curated, inquiry)]
    statements += [Statement(section="task", text=text, claims=claims) for text, claims in rest]
    fact_ids = {id for statement in statements for id in statement.claims}
    body = _body(inquiry, mains, shape, fact_ids)
    steps, explained = _fitting(statements, body, shape)
    statements += [*explained, *evidence.statements(inquiry.runs, statements)]
    statements += _limits(inquiry, mains, shape, statements)
    ids = [*(id for s in statements for id in s.claims), *(id for s in steps for id in s.claims)]
    cited = cards_of(ids, inquiry.registry)
    gaps = [*_gaps(inquiry, answered, curated)]
    runs = inquiry.runs
    return Answer(
        status="partly" if gaps or _lacks_own_run(mains, inquiry) else "answered",
        note=language_note(inquiry.parsed.language) or "",
        task=task[0],
        workflow=tuple(steps),
        diagram=wording.diagram(inquiry.parsed, mains, runs) if shape.workflow == "full" else "",
        listing="\n\n".join(_distinct(one.listing for one in directs if one.listing)),
        statements=tuple(statements),
        references=tuple(Reference.of(card) for card in cited),
        limits=(*wording.run_notes(runs), *gaps, *wording.tool_limits(runs)),
    )


def _opening(curated: list[Statement], inquiry: Inquiry) -> list[Statement]:
    """Return what opens the answer: measurements alone for a question about the picture."""
    measurements = [*evidence.opening_statements(inquiry.runs, inquiry.parsed)]
    if measurements and inquiry.parsed.intent in _OF_THE_PICTURE:
        return measurements
    if inquiry.parsed.intent == "explain":
        return [*curated, *measurements]
    return [*measurements, *curated]


def _abstained(inquiry: Inquiry) -> Answer:
    reasons = (part.abstention.explanation for part in inquiry.parts if part.abstention)
    why = next(reasons, "No card in the registry fits the question.")
    (task, _), *_ = task_of(inquiry.text, inquiry.parsed, ())
    note = language_note(inquiry.parsed.language) or ""
    return Answer(status="cannot_answer", note=note, task=task, limits=(why,))


def _distinct(items: Iterable[_Item]) -> list[_Item]:
    return list(dict.fromkeys(items))


def _lacks_own_run(mains: Sequence[Card], inquiry: Inquiry) -> bool:
    """Check whether a tool of a system that the answer is about did not run on some picture.

    The question which model to use needs no run.
    """
    own = {""}
    if not all(part.recommends for part in inquiry.parts):
        own |= {card.id for card in mains}
    return any(run.status != "ran" and run.card in own for run in inquiry.runs)


# --- workflow, explanations and complementary systems -----------------------------------------


def _body(
    inquiry: Inquiry, mains: Sequence[Card], shape: Shape, fact_ids: set[str]
) -> tuple[list[WorkflowStep], list[Statement]]:
    """Return steps of the main systems, what explains them, best first, and what complements them.

    Args:
        fact_ids: ids of the facts that the answer states already.
    """
    steps: list[WorkflowStep] = []
    statements: list[Statement] = []
    tags = asked_tags(inquiry.parsed)
    for card in mains:
        relevance = inquiry.relevance(inquiry.searched, card)
        beside = [claim for claim in card.claims if f"{card.id}/{claim.id}" in fact_ids]
        claims = choose(card.claims, card, relevance, tags, shape.claims, beside=beside)
        steps += workflow(card, shape, inquiry.parsed, claims)
        statements += [_statement("workflow", card, claim) for claim in claims]
    if shape.complementary:
        others = complementary_cards(mains, _matches(inquiry), inquiry.registry)
        statements += [s for card in others for s in _addition(card, mains, inquiry)]
    return steps, statements


def complementary_cards(
    mains: Sequence[Card], matches: Sequence[Match], registry: Registry
) -> list[Card]:
    """Return systems that add to the main ones: related cards, then further matches."""
    ids = [id for card in mains for id in card.related] + [match.card for match in matches]
    fresh = dict.fromkeys(id for id in ids if id in registry)
    return [registry[id] for id in fresh if registry[id] not in mains]


def _matches(inquiry: Inquiry) -> list[Match]:
    return [match for part in inquiry.parts for match in part.matches]


def _addition(card: Card, mains: Sequence[Card], inquiry: Inquiry) -> list[Statement]:
    """Return what a complementary system adds to the main ones and that bears on the question."""
    relevance = inquiry.relevance(inquiry.searched, card)
    tags = asked_tags(inquiry.parsed)
    adds = {card.beside.get(main.id) for main in mains}
    claims = [claim for claim in (*card.claims, *card.limits) if claim.id in adds]
    if not card.beside:
        claims = [claim for claim in card.claims if bears_on(claim, card, relevance)]
    near = [claim for claim in claims if bears_on(claim, card, relevance, tags)]
    best = choose(near, card, relevance, tags, 1)
    return [_statement("complementary", card, claim) for claim in best]


def _fitting(
    leading: Sequence[Statement], body: tuple[list[WorkflowStep], list[Statement]], shape: Shape
) -> tuple[list[WorkflowStep], list[Statement]]:
    """Return the body, cut to what the word limit of this kind of answer leaves room for.

    Complementary systems come last and so are dropped first, then the least relevant explanations.
    """
    steps, statements = body
    texts = (*(s.text for s in leading), *(step.text for step in steps))
    room = shape.words - sum(map(_words, texts))
    selection: list[Statement] = []
    for statement in statements:
        room -= _words(statement.text)
        if room < 0:
            break
        selection.append(statement)
    fact_ids = {id for s in selection if s.section == "workflow" for id in s.claims}
    left_out = {id for s in statements if s.section == "workflow" for id in s.claims} - fact_ids
    return [_without(step, left_out) for step in steps], selection


def _without(step: WorkflowStep, left_out: set[str]) -> WorkflowStep:
    claims = tuple(id for id in step.claims if id not in left_out)
    return step if claims == step.claims else step.model_copy(update={"claims": claims})


def _words(text: str) -> int:
    return len(text.split())


# --- limits -----------------------------------------------------------------------------------


def _limits(
    inquiry: Inquiry, mains: Sequence[Card], shape: Shape, statements: Sequence[Statement]
) -> list[Statement]:
    """Return limits of the main systems that bear on the question and are not stated yet."""
    fact_ids = {id for statement in statements for id in statement.claims}
    tags = asked_tags(inquiry.parsed)
    limits: list[Statement] = []
    for card in mains:
        relevance = inquiry.relevance(inquiry.searched, card)
        fresh = [limit for limit in card.limits if f"{card.id}/{limit.id}" not in fact_ids]
        near = [limit for limit in fresh if bears_on(limit, card, relevance, tags)]
        premise = _premise(fresh, card, inquiry.parsed, relevance)
        best = [*premise, *choose(near, card, relevance, tags, shape.limits, beside=premise)]
        limits += [_statement("limits", card, limit) for limit in best[: shape.limits]]
    return limits[: shape.limits + 1]


def _premise(
    limits: Sequence[Claim], card: Card, parsed: ParsedQuestion, relevance: Mapping[str, float]
) -> list[Claim]:
    """Return the limit that contradicts the assumption that the system enlarges, if any."""
    if parsed.operation != "enlarge":
        return []
    against = [limit for limit in limits if "enlargement" in limit.tags]
    return sorted(against, key=lambda c: -relevance.get(f"{card.id}/{c.id}", 0.0))[:1]


def _statement(section: str, card: Card, claim: Claim) -> Statement:
    return Statement.model_validate(
        {"section": section, "text": claim.text, "claims": (f"{card.id}/{claim.id}",)}
    )


def _gaps(inquiry: Inquiry, parts: Sequence[Part], leading: Sequence[Statement]) -> Iterator[str]:
    """Yield what was asked but cannot be answered from the registry."""
    text = " ".join(statement.text for statement in leading).casefold()
    for part in parts:
        for name in part.unknown:
            if name.casefold() not in text:
                yield wording.unknown_model(name)
        if part.curated:
            continue
        for card in inquiry.mains(part):
            tags = claimed_tags(card).union(*(field.tags for field in field_claims(card)))
            for topic in part.parsed.topics:
                if topic not in tags:
                    yield wording.nothing_on(topic, card)
    for part in inquiry.parts:
        if part.abstention and part not in parts:
            yield part.abstention.explanation
