"""The offline composer: writes an `Answer` from facts of the registry and from evidence alone.

Every sentence about a system is a fact of its card, every number about a picture an `Evidence`;
the words between them are in `agent.answer.wording`. No language model, and no text of its own
about anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agent.answer import evidence, wording
from agent.answer.ranking import asked_tags, choose
from agent.question.lexicon import tags_in
from agent.registry import Registry
from agent.types import (
    Abstention,
    Answer,
    Card,
    Claim,
    Match,
    ParsedQuestion,
    Reference,
    RunResult,
    Statement,
    WorkflowStep,
)

_MAIN_CARDS = 3
"""Systems that are explained side by side, at most."""
_CLOSE = 0.2
"""How far below the best a score may be for its card to be compared with the best."""
_COMPLEMENTARY_CARDS = 3
_CLAIMS = {"explain": 7, "how_to": 5, "compare": 4, "fact": 4, "verify": 3}
_LIMITS = {"explain": 3, "how_to": 3, "compare": 2, "fact": 1, "verify": 2}
#: Facts that are fields of a card: what each is called in a sentence, and the tags that it answers.
_FIELDS = {
    "inputs": ("input", ("inputs", "input-size")),
    "outputs": ("output", ("outputs",)),
    "weights": ("weights", ("weights",)),
    "licence": ("licence", ("licence",)),
}

Relevance = Callable[[Card], Mapping[str, float]]


@dataclass(frozen=True)
class _Told:
    """What is told of one card, so that no fact is told twice."""

    card: Card
    premise: Claim | None
    short: list[Claim]
    explanations: list[Claim]
    limits: list[Claim]


def compose(
    parsed: ParsedQuestion,
    matches: Sequence[Match],
    abstention: Abstention | None,
    runs: Sequence[RunResult],
    registry: Registry,
    relevance: Relevance,
    unknown: Sequence[str] = (),
) -> Answer:
    """Write the answer.

    Args:
        relevance: gives the relevance in [0, 1] of each fact of a card to the question.
        unknown: models that the question names and the registry does not hold.
    """
    if not matches:
        why = abstention.explanation if abstention else "no card of the registry fits the question"
        return Answer(status="cannot_answer", task=wording.echo(parsed), limits=(why,))
    mains = main_cards(parsed, matches, registry)
    others = complementary_cards(mains, matches, registry)
    told = [_select(card, parsed, relevance(card)) for card in mains]
    steps = [step for item in told for step in _workflow(item)]
    additions = {card.id: _addition(card, parsed, relevance(card)) for card in others}
    others = [card for card in others if additions[card.id]]
    statements = [
        *(s for item in told for s in _task(item, parsed)),
        *(evidence.read_out(runs) if _is_about_text(parsed) else ()),
        *(s for item in told for s in _explanations(item)),
        *(s for card in others for s in additions[card.id]),
        *evidence.statements(runs),
        *(s for item in told for s in _limit_statements(item)),
    ]
    missing = list(wording.run_notes(runs))
    gaps = [*_gaps(mains, parsed, unknown)]
    cited = [*mains, *others]
    return Answer(
        status="partly" if gaps or _lacks_own_run(mains, runs) else "answered",
        task=wording.echo(parsed),
        workflow=tuple(steps),
        diagram=wording.diagram(parsed, mains, others, runs),
        statements=tuple(statements),
        references=tuple(Reference.of(card) for card in cited),
        limits=(*missing, *gaps, *wording.tool_limits(runs), *wording.language_note(parsed)),
    )


def _is_about_text(parsed: ParsedQuestion) -> bool:
    return parsed.needs_image and (parsed.operation == "read_text" or "text" in parsed.effects)


def _lacks_own_run(mains: Sequence[Card], runs: Sequence[RunResult]) -> bool:
    """Whether a tool of the systems that the answer is about did not run on a picture."""
    own = {"", *(card.id for card in mains)}
    return any(run.status != "ran" and run.card in own for run in runs)


def main_cards(parsed: ParsedQuestion, matches: Sequence[Match], registry: Registry) -> list[Card]:
    """The cards that the answer is about: the best match, and those that equal it.

    Equals come from naming several systems, in the question or in a brief; where a comparison is
    wanted, close is near enough.
    """
    reach = matches[0].score - (_CLOSE if parsed.intent == "compare" else 0.0)
    return [registry[m.card] for m in matches if m.score >= reach][:_MAIN_CARDS]


def complementary_cards(
    mains: Sequence[Card], matches: Sequence[Match], registry: Registry
) -> list[Card]:
    """Systems that add to the main ones: related cards, then further matches."""
    ids = [id for card in mains for id in card.related] + [match.card for match in matches]
    fresh = dict.fromkeys(id for id in ids if id in registry)
    return [registry[id] for id in fresh if registry[id] not in mains][:_COMPLEMENTARY_CARDS]


def _select(card: Card, parsed: ParsedQuestion, relevance: Mapping[str, float]) -> _Told:
    wanted = asked_tags(parsed)
    premise = _premise(card, parsed, relevance)
    known = [premise] if premise else []
    fields = [field for field in _fields(card) if not set(wanted).isdisjoint(field.tags)]
    first = [] if parsed.intent == "compare" else [*_first_to_tell(card, parsed), *fields]
    short = choose(first, card, relevance, wanted, 1, beside=known)
    known += short
    told = (*card.claims, *fields)
    claims = choose(told, card, relevance, wanted, _CLAIMS[parsed.intent], beside=known)
    known += claims
    limits = choose(card.limits, card, relevance, wanted, _LIMITS[parsed.intent], beside=known)
    return _Told(card, premise, short, claims, limits)


def _first_to_tell(card: Card, parsed: ParsedQuestion) -> tuple[Claim, ...]:
    """Where the short answer comes from: what went wrong is explained by limits, what went well by
    claims; a question of fact is answered by either."""
    if parsed.intent == "explain":
        return card.limits if parsed.complaints else card.claims
    return (*card.claims, *card.limits)


@lru_cache(maxsize=256)  # every answer about a card asks for them
def _fields(card: Card) -> tuple[Claim, ...]:
    """Return the fields of a card, as claims, with those of their tags that no claim or limit has.

    A claim with such a tag says the same as the field, and where it is published.
    """
    fields = dict(_FIELDS)
    for i, measure in enumerate(card.measures, 1):
        tags = ("evaluation", *tags_in(measure.quantity))
        fields[f"measure-{i}"] = ("published figures", tags)
    facts, claimed = card.facts(), _claimed_tags(card)
    found = []
    for id, (called, tags) in fields.items():
        if text := facts.get(f"{card.id}/{id}"):
            sentence = wording.field_sentence(card, called, text)
            alone = tuple(tag for tag in tags if tag not in claimed)
            found.append(Claim(id=id, text=sentence, source="", tags=alone))
    return tuple(found)


def _claimed_tags(card: Card) -> set[str]:
    return {tag for claim in (*card.claims, *card.limits) for tag in claim.tags}


def _premise(card: Card, parsed: ParsedQuestion, relevance: Mapping[str, float]) -> Claim | None:
    """A limit that contradicts what the question takes for granted: that the system enlarges."""
    if parsed.operation != "enlarge":
        return None
    against = [limit for limit in card.limits if "enlargement" in limit.tags]
    return max(against, key=lambda c: relevance.get(f"{card.id}/{c.id}", 0.0), default=None)


def _task(item: _Told, parsed: ParsedQuestion) -> Iterable[Statement]:
    card = item.card
    yield Statement(
        section="task", text=wording.task_sentence(card, parsed), claims=(f"{card.id}/task",)
    )
    if parsed.intent == "compare":
        yield Statement(section="task", text=card.summary, claims=(f"{card.id}/summary",))
    for lead, claims in (
        (wording.PREMISE, [item.premise] if item.premise else []), (wording.IN_SHORT, item.short)
    ):  # fmt: skip
        for claim in claims:
            yield _statement("task", card, claim, lead)


def _workflow(item: _Told) -> list[WorkflowStep]:
    """The card's own steps, each with the chosen claims that explain it."""
    card = item.card
    steps = card.workflow or wording.plain_workflow(card)
    mechanisms = {c.id: c.mechanism for c in card.claims}
    places: dict[int, list[str]] = {i: [] for i in range(len(steps))}
    for claim in item.explanations:
        places[_place(claim, steps, mechanisms)].append(f"{card.id}/{claim.id}")
    own = [f"{card.id}/workflow-{i}" for i in range(1, len(steps) + 1)]
    if not card.workflow:
        own = [f"{card.id}/{fact}" for fact in wording.plain_workflow_facts(card)]
    return [
        WorkflowStep(stage=step.stage, card=card.id, text=step.text, claims=(own[i], *places[i]))
        for i, step in enumerate(steps)
    ]


def _place(claim: Claim, steps: Sequence[object], mechanisms: Mapping[str, str | None]) -> int:
    """Index of the step that a claim explains: by id, by mechanism, else the first model step."""
    listed = [getattr(step, "claims", ()) for step in steps]
    for i, ids in enumerate(listed):
        if claim.id in ids:
            return i
    for i, ids in enumerate(listed):
        if claim.mechanism and claim.mechanism in {mechanisms.get(id) for id in ids}:
            return i
    return next((i for i, s in enumerate(steps) if getattr(s, "stage", "") == "model"), 0)


def _explanations(item: _Told) -> Iterable[Statement]:
    return (_statement("workflow", item.card, claim) for claim in item.explanations)


def _addition(
    card: Card, parsed: ParsedQuestion, relevance: Mapping[str, float]
) -> list[Statement]:
    """What a complementary system is, and the one claim of it that bears most on the question.

    Empty where a plain question of fact has nothing to do with it.
    """
    claims = choose(card.claims, card, relevance, asked_tags(parsed), 1)
    if not claims and parsed.intent in ("fact", "verify"):
        return []
    summary = Statement(
        section="complementary",
        text=wording.named(card, card.summary),
        claims=(f"{card.id}/summary",),
    )
    return [summary, *(_statement("complementary", card, claim) for claim in claims)]


def _limit_statements(item: _Told) -> Iterable[Statement]:
    return (_statement("limits", item.card, limit) for limit in item.limits)


def _statement(section: str, card: Card, claim: Claim, lead: str = "") -> Statement:
    return Statement.model_validate(
        {"section": section, "text": lead + claim.text, "claims": (f"{card.id}/{claim.id}",)}
    )


def _gaps(mains: Sequence[Card], parsed: ParsedQuestion, unknown: Sequence[str]) -> Iterable[str]:
    """What was asked and cannot be answered from the registry."""
    for name in unknown:
        yield wording.unknown_model(name)
    for card in mains:
        tags = _claimed_tags(card).union(*(field.tags for field in _fields(card)))
        for topic in parsed.topics:
            if topic not in tags:
                yield wording.nothing_on(topic, card)
