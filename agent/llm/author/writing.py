"""The answer in a model's words, assembled from the sentences that passed their checks.

Tables, text to copy, the diagram, what could not run or be answered, and the required limits come
from the offline composer. The references follow from the sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from pydantic_core import from_json

from agent.answer.inquiry import cards_of
from agent.llm.author.draft import Sentence
from agent.llm.author.material import Material
from agent.llm.author.review import Part, Passage, exact_faults, passage
from agent.types import Answer, Reference, Section, Statement, WorkflowStep

_STREAM_STEP = 80
"""Characters by which a reply has to grow before it is parsed again."""


def answer_from(
    passages: Sequence[Passage], limits: Sequence[str], material: Material
) -> Answer | None:
    """Assemble the answer from passages; return None if none of them answers.

    Args:
        limits: keys of the limits that the model chose.
    """
    by_part = {part: [p for p in passages if p.part == part] for part in ("answer", "details")}
    if not by_part["answer"]:
        return None
    offline = material.offline
    steps = tuple(_steps(passages, material)) or offline.workflow
    own = [statement_of(p, material) for part in ("answer", "details") for p in by_part[part]]
    table = [s for s in offline.statements if s.section == "answer" and s.row is not None]
    statements = (*own, *table, *_limits(limits, own, material))
    ids = [*(id for s in statements for id in s.claims), *(id for s in steps for id in s.claims)]
    cards = cards_of(ids, material.inquiry.registry)
    task = next((p.text for p in passages if p.part == "task"), offline.task)
    return offline.model_copy(
        update={
            "note": "",  # the note explains why an answer without a model is in English
            "task": task,
            "workflow": steps,
            "statements": statements,
            "references": tuple(Reference.of(card) for card in cards),
        }
    )


def statement_of(p: Passage, material: Material) -> Statement:
    """Return a sentence with the ids of its sources, in the section where it belongs.

    Details go to the steps if there are any, otherwise to the answer.
    """
    claims = dict.fromkeys(claim for source in p.sources for claim in source.claims)
    evidence = dict.fromkeys(id for source in p.sources for id in source.evidence)
    section: Section = "answer"
    if p.part == "details" and evidence:
        section = "evidence"
    elif p.part == "details" and material.shape.workflow == "full":
        mains = {id.partition("/")[0] for id in claims} & {*material.mains}
        section = "workflow" if mains else "complementary"
    return Statement(section=section, text=p.text, claims=tuple(claims), evidence=tuple(evidence))


def _steps(passages: Iterable[Passage], material: Material) -> Iterator[WorkflowStep]:
    """Yield the steps of the systems in question; a step belongs to the first system it cites."""
    for p in passages:
        claims = tuple(dict.fromkeys(claim for source in p.sources for claim in source.claims))
        cards = [id.partition("/")[0] for id in claims]
        card = next((card for card in cards if card in material.mains), None)
        if p.part == "steps" and p.stage and card:
            yield WorkflowStep(stage=p.stage, card=card, text=p.text, claims=claims)


def _limits(
    keys: Sequence[str], own: Sequence[Statement], material: Material
) -> Iterator[Statement]:
    """Yield limits in the registry's words: the required ones, then those that the model chose."""
    used_claims = {claim for statement in own for claim in statement.claims}
    registry = material.inquiry.registry
    must = [s for s in material.offline.statements if s.section == "limits"]
    must = [s for s in must if used_claims.isdisjoint(s.claims)]
    yield from must
    used_claims |= {claim for statement in must for claim in statement.claims}
    for source in (material.by_key[key] for key in dict.fromkeys(keys) if key in material.by_key):
        limits = registry[source.card].limits if source.card in registry else ()
        fresh = {f"{source.card}/{limit.id}" for limit in limits} - used_claims
        if len(must) < material.shape.limits + 1 and fresh.intersection(source.claims):
            statement = Statement(section="limits", text=source.text, claims=source.claims)
            must.append(statement)
            yield statement


_STREAM_PARTS: tuple[Part, ...] = ("answer", "details")


class Stream:
    """Emits each sentence of a reply as soon as it is complete and passes its exact checks.

    For answers without a judge; with a judge, sentences are emitted when the judge passes them.
    When a new reply begins, None withdraws the sentences emitted so far.
    """

    def __init__(
        self, material: Material, on_statement: Callable[[Statement | None], None]
    ) -> None:
        self._material, self._on_statement = material, on_statement
        self._count, self._length = 0, 0

    def __call__(self, text: str) -> None:
        """Take the reply received so far."""
        if len(text) < self._length:
            if self._count:
                self._on_statement(None)
            self._count, self._length = 0, 0
        is_complete = text.rstrip().endswith("]}")
        if not (is_complete or len(text) - self._length >= _STREAM_STEP):
            return
        self._length = len(text)
        for p in self._whole(text, is_complete)[self._count :]:
            self._count += 1
            if not exact_faults(p, self._material.context):
                self._on_statement(statement_of(p, self._material))

    def _whole(self, text: str, is_complete: bool) -> list[Passage]:
        """Return the complete sentences of the answer and its details."""
        try:
            reply = from_json(text, allow_partial=True)
            sentences = [(part, item) for part in _STREAM_PARTS for item in reply.get(part, [])]
            whole = sentences if is_complete or "limits" in reply else sentences[:-1]
            return [self._read(part, item) for part, item in whole]
        except (ValueError, AttributeError, TypeError):
            return []

    def _read(self, part: Part, item: object) -> Passage:
        return passage(0, part, Sentence.model_validate(item), self._material.by_key)
