"""Judging, by a language model in a fresh context, whether sentences follow from their sources.

The judge sees only the sentences and their sources: not the question, the rest of the answer, or
who wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agent.llm.author.draft import Judgement, Judgements
from agent.llm.author.faults import Fault
from agent.llm.author.review import Passage
from agent.llm.prompts import Prompt, Prompts


def judging_prompt(prompts: Prompts, passages: Sequence[Passage], sources: Sequence[str]) -> Prompt:
    """Return the prompt that asks for `Judgements`.

    Args:
        sources: the sources of the passages, one line each.
    """
    return prompts.render("judge", sources=sources, sentences=[p.line for p in passages])


def unjudged(reply: Judgements, passages: Sequence[Passage]) -> Iterator[Fault]:
    """Yield a fault for each passage that a reply leaves out."""
    has_judge = {judgement.number for judgement in reply.judgements}
    for number in sorted({p.number for p in passages} - has_judge):
        yield Fault("not judged", f"the sentence {number} has no judgement")


def by_number(reply: Judgements | None) -> Mapping[int, Judgement]:
    """Map the number of each passage to its judgement; empty without a reply.

    Of two judgements on one passage the worse counts: only what is clearly supported passes.
    """
    judgements = reply.judgements if reply else []
    worst_last = sorted(judgements, key=lambda j: j.verdict != "entailed")
    return {judgement.number: judgement for judgement in worst_last}
