"""The composer's own words, which connect facts into an answer.

Nothing here states a fact about a system; numbers come from the question or from `Evidence`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agent.question.lexicon import TAGS
from agent.references import references_in
from agent.systems.catalogue import TOOLS
from agent.text import format_list, visible
from agent.types import Card, CardStep, ParsedQuestion, RunResult


def with_name(card: Card, text: str) -> str:
    """Prefix the name of the card, unless the text mentions it."""
    return text if card.name.casefold() in text.casefold() else f"{card.name}: {text}"


def field_sentence(card: Card, field: str, text: str) -> str:
    """Return a sentence that quotes a field of a card, such as `licence`."""
    return f"On the {field} of {card.name}, the registry says: “{text.removesuffix('.')}”."


def commercial_use(card: Card, allowed: bool, is_answer: bool) -> str:
    """Return the sentence on commercial use, opened with `Yes.` or `No.` if it is the answer."""
    licence = f", {card.licence.name}," if card.licence else ""
    verdict = ("Yes. " if allowed else "No. ") if is_answer else ""
    verb = "allows" if allowed else "forbids"
    return f"{verdict}The licence of {card.name}{licence} {verb} commercial use."


#: Opens a table of all systems, for a question that means no single one.
DEPENDS = "It depends on the system; the question names none."


def nothing_known(card: Card) -> str:
    """Return the opening sentence for a card without a fact that bears on the question."""
    return f"The registry says nothing on this about {card.name}."


def no_card_of_its_own(name: str, card: Card) -> str:
    """Return a sentence on a model that only the card of another mentions."""
    return f"{name} has no card of its own here; this is from the card of {card.name}."


def different_tasks(systems: Sequence[tuple[str, str]]) -> str:
    """Return a sentence that tells systems apart by their tasks."""
    return f"{format_list([f'{name} is for {task}' for name, task in systems])}."


def plain_flow(card: Card) -> str:
    """Return a one-line workflow for a card that has none."""
    return f"input → {card.name} ({card.task}) → result"


def plain_workflow_facts(card: Card) -> tuple[str, str, str]:
    """Return the names of the facts behind the steps of `plain_workflow`, in order."""
    return "inputs" if card.inputs else "task", "summary", "outputs" if card.outputs else "task"


def plain_workflow(card: Card) -> tuple[CardStep, ...]:
    """Return the steps input, model and output for a card that lists none."""
    return (
        CardStep(stage="input", text=card.inputs or f"{card.name} takes its input."),
        CardStep(stage="model", text=with_name(card, card.summary)),
        CardStep(stage="output", text=card.outputs or f"{card.name} returns its result."),
    )


def diagram(parsed: ParsedQuestion, mains: Sequence[Card], runs: Sequence[RunResult]) -> str:
    """Return a Mermaid flow chart; labels hold only letters, digits and plain punctuation."""
    start = _quoted(parsed.subject or "", "").removeprefix("a ").removeprefix("my ") or "input"
    lines = ["flowchart LR", f'  input["{_label(start[:1].upper() + start[1:])}"]']
    source = "input"
    if parsed.operation == "enlarge":
        factor = f" {parsed.factor:g}×" if parsed.factor else ""
        lines += [f'  enlarge["Enlarge{factor}"]', "  input --> enlarge"]
        source = "enlarge"
    ran = {run.card for run in runs if run.status == "ran"}
    for i, card in enumerate(mains, 1):
        lines.append(f'  model{i}["{_label(card.name)}: {_label(card.task)}"]')
        lines.append(f'  output{i}["{"Result, measured" if card.id in ran else "Result"}"]')
        lines += [f"  {source} --> model{i}", f"  model{i} --> output{i}"]
    return "\n".join(lines)


def _label(text: str) -> str:
    return re.sub(r"[^\w\s+×.,()/–-]", " ", text).strip()


def run_notes(runs: Sequence[RunResult]) -> Iterable[str]:
    """Yield what was not run or failed, and why."""
    for run in runs:
        where, why = visible(run.image), visible(run.reason or "no reason is known")
        what = TOOLS[run.tool].title if run.tool in TOOLS else f"The tool {run.tool}"
        if run.status == "failed":
            yield f"{what} failed on {where}: {why}."
        elif run.status == "skipped":
            did = f"{what} was not run" if run.tool else "No model was run"
            yield f"{did} on {where}: {why}."


def tool_limits(runs: Sequence[RunResult]) -> Iterable[str]:
    """Return the mandatory notes on every tool that ran, such as whose weights it used."""
    ran = {run.tool for run in runs if run.status == "ran"}
    return (limit for key, spec in TOOLS.items() if key in ran for limit in spec.limits)


def unknown_model(name: str) -> str:
    quote = _quoted(name, "a model that the question names")
    return f"The registry has no card for {quote}, so this answer says nothing about it."


def _quoted(words: str, instead: str) -> str:
    """Return the words, or `instead` if they hold an address or a repository."""
    return visible(words) if words and not references_in(words) else instead


def nothing_on(topic: str, card: Card) -> str:
    return f"The registry has nothing on “{TAGS[topic].phrase}” for {card.name}."
