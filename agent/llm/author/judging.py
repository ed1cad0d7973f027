"""Whether sentences follow from their sources, judged by a language model in a fresh context.

The judge sees nothing but the sentences and what they rest on: neither the question, nor the rest
of the answer, nor who wrote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from agent.llm.author.draft import Judgement, Judgements
from agent.llm.author.faults import Fault
from agent.llm.author.review import Passage
from agent.llm.prompts import Prompt, Prompts


def judging_prompt(prompts: Prompts, passages: Sequence[Passage], sources: Sequence[str]) -> Prompt:
    """The prompt that asks for `Judgements`.

    Args:
        sources: what the passages rest on, a line each.
    """
    return prompts.render("judge", sources=sources, sentences=[p.line for p in passages])


def unjudged(reply: Judgements, passages: Sequence[Passage]) -> Iterator[Fault]:
    """The passages that a reply leaves out."""
    judged = {judgement.number for judgement in reply.judgements}
    for number in sorted({p.number for p in passages} - judged):
        yield Fault("not judged", f"the sentence {number} has no judgement")


def by_number(reply: Judgements | None) -> Mapping[int, Judgement]:
    """The judgement of each passage; none where there is no reply.

    Of two on one passage the worse counts: only what is supported without doubt passes.
    """
    judgements = reply.judgements if reply else []
    worst_last = sorted(judgements, key=lambda j: j.verdict != "entailed")
    return {judgement.number: judgement for judgement in worst_last}
