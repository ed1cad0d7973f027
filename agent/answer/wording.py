"""The composer's own words: how the question is told back, and what joins facts into an answer.

Nothing here states anything about a system; numbers come from the question or from `Evidence`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from agent.question.lexicon import TAGS, operations
from agent.question.words import words
from agent.references import references_in
from agent.systems.catalogue import OPERATIONS, TOOLS
from agent.text import visible
from agent.types import Card, CardStep, ParsedQuestion, RunResult

PREMISE = "A word on the premise first: "
IN_SHORT = "In short: "


def echo(parsed: ParsedQuestion) -> str:
    """What the question was understood to be, told back in a sentence or two."""
    models = joined([_quoted(name, "a model that you name") for name in parsed.models])
    named = (tag for tag in parsed.topics if tag in TAGS and tag != "comparison")
    topics = joined([TAGS[tag].phrase for tag in named])
    about = f"About {models}, you" if models else "You"
    sentences = []
    if parsed.operation and parsed.intent == "how_to":
        sentences.append(
            f"{about} want to know how to {_filled(OPERATIONS[parsed.operation].to_do, parsed)}"
            f"{_effects(parsed, ', with a view to ')}."
        )
    elif parsed.operation and (parsed.subject or parsed.effects):
        done = (
            f"{_filled(OPERATIONS[parsed.operation].done, parsed)}{_effects(parsed, ' and saw ')}"
        )
        why = "; you want to know why" if parsed.intent == "explain" else ""
        sentences.append(f"{done}{why}.")
    if parsed.intent == "compare":
        sentences.append(f"You want {models or 'systems'} compared{_by(topics)}.")
    elif topics:
        sentences.append(f"{about} want to know {topics}.")
    elif not sentences:
        sentences.append(_WANTS[parsed.intent].format(about=about) + f"{_effects(parsed)}.")
    return " ".join(sentences)


_FIRST_PERSON = re.compile(r"^(?:my|our)\b", re.IGNORECASE)
_WANTS = {
    "explain": "{about} want an explanation",
    "how_to": "{about} want to know how to do it",
    "compare": "{about} want a comparison",
    "fact": "{about} ask for a fact",
    "verify": "{about} want a statement checked",
}


def _filled(template: str, parsed: ParsedQuestion) -> str:
    factor = f" by {parsed.factor:g}×" if parsed.factor else ""
    subject = _FIRST_PERSON.sub("your", _subject(parsed, "a picture"))
    return template.format(subject=subject, factor=factor)


def _subject(parsed: ParsedQuestion, instead: str) -> str:
    """`my page` of `my enlarged page`: what is told around it says that it was enlarged."""
    subject = parsed.subject or ""
    said = words(subject)
    again = {
        i
        for operation, start, end in operations(said)
        if operation == parsed.operation and end < len(said)
        for i in range(start, end)
    }
    starts = [*(word.start for word in said), len(subject)]
    kept = (subject[starts[i] : starts[i + 1]] for i in range(len(said)) if i not in again)
    return _quoted("".join((subject[: starts[0]], *kept)), instead)


def _effects(parsed: ParsedQuestion, lead: str = " concerning ") -> str:
    """The effects in words: as they went where something was done, by name where it was not."""
    tags = [TAGS[tag] for tag in parsed.effects if tag in TAGS and tag not in _implied(parsed)]
    if parsed.intent in ("fact", "verify", "compare"):
        words = [tag.id for tag in tags]
    else:
        words = [tag.complaint if tag.id in parsed.complaints else tag.phrase for tag in tags]
    return lead + joined(words) if words else ""


def _implied(parsed: ParsedQuestion) -> set[str]:
    """Effects that go without saying: the enlargement of an enlarging, sharpness of sharp edges."""
    implied = {"enlargement"} if parsed.operation == "enlarge" else set()
    return implied | ({"sharpness"} if "edges" in parsed.effects else set())


def _by(topics: str) -> str:
    return f": {topics}" if topics else ""


def joined(items: Sequence[str]) -> str:
    """`a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def task_sentence(card: Card, parsed: ParsedQuestion) -> str:
    """Names the task in the field's terms; supported by the card's task."""
    if parsed.operation is None or parsed.intent in ("compare", "fact", "verify"):
        return f"The task of {card.name} is {card.task}."
    if parsed.operation == "enlarge" and "enlarg" not in card.task.lower():
        return f"The part that {card.name} plays in it is {card.task}."
    return f"In the terms of the field this is {card.task}, the task of {card.name}."


def named(card: Card, text: str) -> str:
    """The text, with the name in front where it does not say whom it is about."""
    return text if card.name.casefold() in text.casefold() else f"{card.name}: {text}"


def field_sentence(card: Card, field: str, text: str) -> str:
    """Return a sentence that quotes a field of a card, such as `licence`, which may be one word."""
    return f"On the {field} of {card.name} the registry says: “{text.removesuffix('.')}”."


def plain_workflow_facts(card: Card) -> tuple[str, str, str]:
    """Return the names of the facts that support the steps of `plain_workflow`, in order."""
    return "inputs" if card.inputs else "task", "summary", "outputs" if card.outputs else "task"


def plain_workflow(card: Card) -> tuple[CardStep, ...]:
    """Input, model and output of a card that tells no steps of its own."""
    return (
        CardStep(stage="input", text=card.inputs or f"What is given to {card.name} goes in."),
        CardStep(stage="model", text=named(card, card.summary)),
        CardStep(stage="output", text=card.outputs or f"The result of {card.task} comes out."),
    )


def diagram(
    parsed: ParsedQuestion, mains: Sequence[Card], others: Sequence[Card], runs: Sequence[RunResult]
) -> str:
    """The workflow as a Mermaid flow chart; labels hold letters, digits and plain marks only."""
    lines = ["flowchart LR"]
    start = _subject(parsed, "input").removeprefix("a ").removeprefix("my ")
    lines.append(f'  input["{_label(start[:1].upper() + start[1:])}"]')
    source = "input"
    if parsed.operation == "enlarge":
        factor = f" {parsed.factor:g}×" if parsed.factor else ""
        lines.append(f'  enlarge["Enlarge{factor}"]')
        lines.append("  input --> enlarge")
        source = "enlarge"
    ran = {run.card for run in runs if run.status == "ran"}
    for i, card in enumerate(mains, 1):
        lines.append(f'  model{i}["{_label(card.name)}: {_label(card.task)}"]')
        lines.append(f'  output{i}["{"Result, measured" if card.id in ran else "Result"}"]')
        lines += [f"  {source} --> model{i}", f"  model{i} --> output{i}"]
    for i, card in enumerate(others, 1):
        lines.append(f'  beside{i}["{_label(card.name)}: {_label(card.task)}"]')
        lines.append(f"  output1 -.-> beside{i}")
    return "\n".join(lines)


def _label(text: str) -> str:
    return re.sub(r"[^\w\s+×.,()/–-]", " ", text).strip()


def run_notes(runs: Sequence[RunResult]) -> Iterable[str]:
    """What was not run, and why."""
    for run in runs:
        where, why = visible(run.image), visible(run.reason or "no reason is known")
        what = TOOLS[run.tool].title if run.tool in TOOLS else f"The tool {run.tool}"
        if run.status == "failed":
            yield f"{what} failed on {where}: {why}."
        elif run.status == "skipped":
            did = f"{what} was not run" if run.tool else "No model was run"
            yield f"{did} on {where}: {why}."


def tool_limits(runs: Sequence[RunResult]) -> Iterable[str]:
    """What has to be told of every tool that ran, such as whose weights did."""
    ran = {run.tool for run in runs if run.status == "ran"}
    return (limit for key, spec in TOOLS.items() if key in ran for limit in spec.limits)


def unknown_model(name: str) -> str:
    named = _quoted(name, "a model that the question names")
    return f"The registry holds no card for {named}, so nothing is said about it."


def _quoted(words: str, instead: str) -> str:
    """Words of the question as the answer may repeat them: never an address or a repository."""
    return visible(words) if words and not references_in(words) else instead


def nothing_on(topic: str, card: Card) -> str:
    return f"On “{TAGS[topic].phrase}” the registry holds nothing for {card.name}."


def language_note(parsed: ParsedQuestion) -> Iterable[str]:
    if parsed.language not in ("en", "und"):
        yield (
            f"The question reads as language '{parsed.language}'; without a language model the "
            "answer comes in English."
        )
