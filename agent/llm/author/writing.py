"""The answer in a model's words: from a draft that passed every check.

What is cited, which systems complement which, what could not be run or answered, the diagram, and
what is to be copied stay as the offline composer has them, and so does the direct answer where the
model gives none; the model words statements about facts and measurements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from pydantic_core import from_json

from agent.answer.wording import named
from agent.llm.author import placeholders
from agent.llm.author.checks import statement_faults, supports
from agent.llm.author.draft import Draft, DraftStatement
from agent.llm.author.material import Material
from agent.types import Answer, Statement, WorkflowStep

_STREAMED_AT_ONCE = 80
"""Characters by which a reply grows before it is looked at again."""


def answered(draft: Draft, material: Material) -> Answer:
    """The draft as an answer: placeholders filled in, everything else as offline."""
    known, offline = material.known, material.offline
    steps = []
    for step in draft.workflow:
        text = placeholders.read(step.text, known)
        claims = tuple(dict.fromkeys((*step.facts, *text.claims)))
        steps.append(
            WorkflowStep(stage=step.stage, card=step.card, text=text.expanded, claims=claims)
        )
    limits = offline.limits
    if not material.in_english:
        limits = (*limits, *_in_the_registry_s_words(draft, material))
    own = tuple(statement_of(s, material) for s in draft.statements)
    return offline.model_copy(
        update={
            "note": "",  # it says that without a model the answer is in English
            "task": placeholders.read(draft.task, known).expanded,
            "workflow": tuple(steps),
            "statements": (*_direct(own, offline), *(s for s in own if s.section != "answer")),
            "limits": limits,
        }
    )


def _direct(own: Sequence[Statement], offline: Answer) -> Iterator[Statement]:
    """What answers first: in the model's words where it gave that, then the table as it is."""
    direct = [s for s in offline.statements if s.section == "answer"]
    told = [s for s in own if s.section == "answer"]
    yield from told or (s for s in direct if s.row is None)
    yield from (s for s in direct if s.row is not None)


def statement_of(draft: DraftStatement, material: Material) -> Statement:
    facts, evidence = supports(draft, material)
    text = placeholders.read(draft.text, material.known).expanded
    # What the prompt has a model say on the task is the short answer; the task itself is apart.
    section = "answer" if draft.section == "task" else draft.section
    return Statement(section=section, text=text, claims=facts, evidence=evidence)


def _in_the_registry_s_words(draft: Draft, material: Material) -> Iterator[str]:
    """For an answer whose wording could not be checked: what it rests on, word for word."""
    yield (
        f"The answer is worded in language '{material.parsed.language}' by a language model. Its "
        "numbers, names and links were checked, its words could not be; the facts that it rests on "
        "follow in the registry's own words."
    )
    used = dict.fromkeys(fact for s in draft.statements for fact in supports(s, material)[0])
    for fact in used:
        if not fact.endswith("/task"):
            card = material.known.cards[fact.partition("/")[0]]
            yield named(card, material.known.facts[fact])


class Stream:
    """Gives every statement of a reply away as soon as it is whole and passes its own checks.

    After the first that does not pass it is silent until the next reply. When another reply
    begins, None says that what was given away is withdrawn.
    """

    def __init__(
        self, material: Material, on_statement: Callable[[Statement | None], None]
    ) -> None:
        self._material, self._on_statement = material, on_statement
        self._seen, self._length, self._silent = 0, 0, False

    def __call__(self, text: str) -> None:
        """Take a reply as far as it has come."""
        if len(text) < self._length:
            if self._seen:
                self._on_statement(None)
            self._seen, self._length, self._silent = 0, 0, False
        ended = text.rstrip().endswith("}]}")
        if self._silent or not (ended or len(text) - self._length >= _STREAMED_AT_ONCE):
            return
        self._length = len(text)
        try:
            statements = from_json(text, allow_partial=True).get("statements", [])
            for item in statements[self._seen : None if ended else -1]:
                statement = DraftStatement.model_validate(item)
                if any(statement_faults(statement, self._material)):
                    raise ValueError("not to be shown")
                self._seen += 1
                self._on_statement(statement_of(statement, self._material))
        except (ValueError, AttributeError, TypeError):
            self._silent = True
