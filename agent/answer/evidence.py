"""Sentences on the evidence of the runs; each tool words its own.

A sentence says what the numbers say, for or against, and names the measurements that it rests on.
It cites the card of a system only if it is about that system.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from agent.systems.catalogue import TOOLS
from agent.systems.criterion import EvidenceByKey
from agent.systems.spec import Reply, Sentence, Wording
from agent.text import visible
from agent.types import ParsedQuestion, RunResult, Section, Statement


def statements(runs: Sequence[RunResult], earlier: Iterable[Statement] = ()) -> Iterator[Statement]:
    """Yield sentences about every run that was carried out, in the order of the runs.

    Args:
        earlier: what the answer says already; a sentence that rests on no further measurement is
            left out.
    """
    evidence_ids = {id for statement in earlier for id in statement.evidence}
    for run in runs:
        if run.tool in TOOLS:
            for sentence in _sentences(run, TOOLS[run.tool].wording):
                statement = _statement("evidence", run, sentence)
                if not evidence_ids.issuperset(statement.evidence):
                    yield statement


def opening_statements(runs: Sequence[RunResult], parsed: ParsedQuestion) -> Iterator[Statement]:
    """Yield what opens the answer if a picture was measured: the measurements asked for.

    A question about the picture is answered by what was measured of the things that it names. A why
    or how gets one sentence with the decisive figures, or with what to try if the picture was not
    recovered, and for comparison the figures measured at another factor. Other questions get
    nothing. Where a yes or no is asked for and the measurements decide it, it comes first.
    """
    main = [run for run in runs if not _other_stem(run, runs)]
    if parsed.intent == "explain" and not parsed.complaints:
        for run, sentence in _about(main, ("sharpness",)):
            if _is_lost(sentence):
                yield _statement("answer", run, sentence)
        yield from _decisive(runs)
    elif parsed.operation == "read_text" and parsed.intent in _ABOUT_PICTURE:
        yield from _read_out(main)
    elif _is_about_picture(parsed):
        tags = dict.fromkeys((*parsed.complaints, *parsed.effects, *parsed.topics))
        sentences = list(_about(main, tags)) or list(_about(main, _UNASKED))
        yield from _replied(sentences, parsed)[:_MOST]


#: Kinds of question that a picture can answer.
_ABOUT_PICTURE = ("look", "complain", "explain", "verify", "fact")


def _is_about_picture(parsed: ParsedQuestion) -> bool:
    """Check whether a question is about the picture, not a system, a property or what to do."""
    if parsed.intent in ("verify", "fact"):
        return parsed.needs_image or bool(parsed.effects and not parsed.models)
    return parsed.intent in _ABOUT_PICTURE


#: Tags that answer a question about the picture that names none.
_UNASKED = ("sharpness", "text")
#: Maximum number of sentences that answer a question about the picture.
_MOST = 4


def _about(runs: Sequence[RunResult], tags: Iterable[str]) -> Iterator[tuple[RunResult, Sentence]]:
    """Yield sentences about the tags in their order, each once."""
    texts: set[str] = set()
    for tag in tags:
        for run in runs:
            wording = TOOLS[run.tool].about.get(tag) if run.tool in TOOLS else None
            for sentence in _sentences(run, wording) if wording else ():
                if sentence.text not in texts:
                    texts.add(sentence.text)
                    yield run, sentence


def _replied(
    sentences: Sequence[tuple[RunResult, Sentence]], parsed: ParsedQuestion
) -> list[Statement]:
    """Return the sentences, opened with a yes or no if one was asked for and they decide it.

    If one was asked for, or something went badly, decisive sentences come first, bad news before
    good.
    """
    if parsed.yes or parsed.complaints:
        sentences = sorted(
            sentences, key=lambda one: _SEVERITY.index(one[1].reply and one[1].reply.outcome)
        )
    statements = [_statement("answer", run, sentence) for run, sentence in sentences]
    replies = [sentence.reply for _, sentence in sentences if sentence.reply]
    if replies and (word := _yes_or_no(replies, parsed)):
        text = f"{word}. {statements[0].text}"
        statements[0] = statements[0].model_copy(update={"text": text})
    return statements


def _yes_or_no(replies: Sequence[Reply], parsed: ParsedQuestion) -> str:
    """Return `Yes` or `No` for all replies, the worst deciding; empty if neither fits."""
    if parsed.yes != "well":
        return replies[0].feared if parsed.yes else ""
    outcomes = {reply.outcome for reply in replies}
    is_mixed = len(outcomes) > 1 or not all(reply.hoped for reply in replies)
    if "supported" in outcomes and is_mixed and any(reply.hoped for reply in replies):
        return "In part"
    return replies[0].hoped


_SEVERITY = ("contradicted", "untested", "supported", None)


def _is_lost(sentence: Sentence) -> bool:
    """Check whether a sentence says that a picture was not, or not wholly, recovered."""
    return sentence.reply is not None and sentence.reply.outcome != "supported"


def _decisive(runs: Sequence[RunResult]) -> Iterator[Statement]:
    """Yield one sentence per picture and factor with the decisive figures of all tools."""
    pictures = {run.image for run in runs}
    groups: dict[tuple[str, str], list[RunResult]] = {}
    for run in runs:
        groups.setdefault((run.image, _other_stem(run, runs)), []).append(run)
    for (picture, other), group in groups.items():
        clauses = [
            clause
            for run in group
            if run.status == "ran" and run.tool in TOOLS
            if (gist := TOOLS[run.tool].gist) and (clause := gist(_findings(run)))
        ]
        where = "your picture" if len(pictures) == 1 else visible(picture)
        items = [item for clause in clauses for item in clause.evidence]
        if other:
            factors = [item for run in group if (item := _findings(run).get("factor"))]
            if not factors:
                continue
            where += f", enlarged {factors[0].value:g}× instead,"
            items.append(factors[0])
        if clauses:
            clause_text = ", and ".join(clause.text for clause in clauses)
            ids = tuple(dict.fromkeys(item.id for item in items))
            yield Statement(section="answer", text=f"On {where} {clause_text}.", evidence=ids)


def _other_stem(run: RunResult, runs: Iterable[RunResult]) -> str:
    """Return the prefix of ids at a factor other than that of the question, else an empty string.

    Ids at the factor of the question start with the plain name of the picture, those at another
    factor with `NAME-2x`.
    """
    stem = _stem(run)
    plain = _AT_FACTOR.fullmatch(stem)
    is_other = plain and any(_stem(o) == plain[1] and o.image == run.image for o in runs)
    return stem if is_other else ""


def _stem(run: RunResult) -> str:
    return run.evidence[0].id.rpartition(".")[0] if run.evidence else ""


_AT_FACTOR = re.compile(r"(.+)-\dx(?:-again)*")


def _read_out(runs: Sequence[RunResult]) -> Iterator[Statement]:
    for run in runs:
        if run.tool in TOOLS and (wording := TOOLS[run.tool].reads_out):
            for sentence in _sentences(run, wording):
                yield _statement("answer", run, sentence)


def _sentences(run: RunResult, wording: Wording) -> Iterator[Sentence]:
    if run.status == "ran":
        yield from wording(run, _findings(run))


def _statement(section: Section, run: RunResult, sentence: Sentence) -> Statement:
    return Statement(
        section=section,
        text=sentence.text,
        claims=(f"{run.card}/task",) if sentence.names_system else (),
        evidence=tuple(dict.fromkeys(item.id for item in sentence.evidence)),
    )


def _findings(run: RunResult) -> EvidenceByKey:
    return {item.id.rpartition(".")[2]: item for item in run.evidence}
