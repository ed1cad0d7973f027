"""What a person is trying to do or know, told back to them: the first part of an answer.

A question whose grammar is certain is told back as reported speech; of any other only what is
certain is told, its names and topics. Nothing here states anything about a system.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from agent.answer.english import (
    AUXILIARIES,
    DETERMINERS,
    POINTERS,
    POSSESSIVES,
    PREPOSITIONS,
    PRONOUNS,
    QUESTION_WORDS,
    VERBS,
    is_finite,
    is_third_person,
    past,
)
from agent.answer.printable import FILLER, LONGEST, SPACE, Names, begun, prepared
from agent.answer.reported_speech import (
    SOUGHT,
    Words,
    has_verb,
    indirect,
    is_about_both,
    is_statement,
    low,
    of_program,
    turned,
)
from agent.answer.wording import joined
from agent.question.languages import languages
from agent.question.sentences import plain, sentences
from agent.question.words import word_set
from agent.references import references_in
from agent.text import visible
from agent.types import Card, ParsedQuestion

_MOST_SENTENCES = 12
_READ = 4_000
"""Characters of a question that are looked at."""


Claims = tuple[str, ...]


def task_of(text: str, parsed: ParsedQuestion, cards: Sequence[Card]) -> list[tuple[str, Claims]]:
    """Tell back what `text` asks; the first of `cards` is the one that the answer is about.

    Returns:
        What the person wants, in one to three sentences that claim nothing about a system; then,
        where it helps, the same in the field's terms. Each with the ids of the facts that support
        it. All of it is printable and holds no reference of the question.
    """
    told = _told_back(text, parsed, cards) or _topics(parsed, cards) or _verbatim(text)
    return [(told, ()), *_terms(parsed, cards)]


def quoted(words: str, instead: str) -> str:
    """Words of the question as the answer may repeat them: never an address or a repository."""
    return visible(words) if words and not references_in(words) else instead


def _terms(parsed: ParsedQuestion, cards: Sequence[Card]) -> Iterator[tuple[str, Claims]]:
    """The task in the field's terms, where the question is how or why something that was done
    works."""
    if cards and parsed.operation and parsed.intent in ("explain", "complain"):
        yield f"In the field’s terms: {cards[0].task.rstrip('.')}.", (f"{cards[0].id}/task",)


# --- reported speech ------------------------------------------------------------------------------


@dataclass
class _Told:
    """What a question says and asks, each as words that are not yet turned round."""

    said: list[Words] = field(default_factory=list)
    asked: list[Words] = field(default_factory=list)
    wanted: list[Words] = field(default_factory=list)
    about: list[Words] = field(default_factory=list)
    complete: bool = True
    """Whether nothing before a question was left out."""

    def sentences(self) -> Iterator[str]:
        for words in self.wanted:
            yield f"You {_text(words)}"
        if self.said:
            yield f"You say {joined([f'that {_text(words)}' for words in self.said])}"
        if self.about:
            yield f"You ask about {joined(list(map(_text, self.about)))}"
        asked = list(map(_text, self.asked))
        if asked and sum(map(len, asked)) <= LONGEST and not any("," in one for one in asked[:-1]):
            yield f"You want to know {joined(asked)}"
            return
        for i, one in enumerate(asked):
            yield f"You {'also ' if i else ''}want to know {one}"

    def points_back(self) -> bool:
        """Whether a question speaks of something that is not told."""
        cores = {low(word) for words in self.asked for word in words}
        return not self.complete and not cores.isdisjoint(_POINTING)


_POINTING = POINTERS | word_set("it its they them he she which there")


def _text(words: Words) -> str:
    text = " ".join(turned(words)).rstrip(" ,;:-–")
    return text.replace(" et al ", " et al. ")


def _told_back(text: str, parsed: ParsedQuestion, cards: Sequence[Card]) -> str | None:
    """The question as reported speech; None where that is not certain."""
    if parsed.intent == "chat":
        return "You make conversation."
    if parsed.language not in ("en", "und") or len(text) > _READ:
        return None
    names = Names(parsed, cards)
    told = _Told()
    for part in parsed.parts or (text,):
        if not _tell_part(plain(_as_asked(part, parsed)), names, told):
            return None
    nothing = not (told.asked or told.wanted or told.about or told.said)
    if nothing or told.points_back():
        return None
    _shorten(told)
    whole = " ".join(f"{sentence}." for sentence in told.sentences()).replace(SPACE, " ")
    return whole if whole.isprintable() and not references_in(whole) else None


def _as_asked(part: str, parsed: ParsedQuestion) -> str:
    """One of several questions without the name in front by which it stands alone."""
    starts = (f"{name}: " for name in parsed.models)
    return part.removeprefix(next(filter(part.startswith, starts), ""))


def _shorten(told: _Told) -> None:
    """Keep what was said as short as what was asked."""
    while len(told.said) > 1 and (len(told.said) > 2 or _length(told.said) > LONGEST):
        told.said.pop(0)
    del told.asked[4:], told.wanted[2:], told.about[3:]


def _length(clauses: Iterable[Words]) -> int:
    return sum(len(" ".join(words)) for words in clauses)


def _tell_part(text: str, names: Names, told: _Told) -> bool:
    """Note what a text says and asks; False where it asks something that cannot be told back."""
    parts = sentences(text)
    if len(parts) > _MOST_SENTENCES:
        return False
    for i, part in enumerate(parts):
        said = prepared(part.text, names)
        if said == []:
            continue
        asks_later = any(later.asks or _asks(later.text) for later in parts[i + 1 :])
        pieces = list(_pieces(said, names)) if said else []
        last = len(pieces) - 1
        known = bool(pieces) and all(
            _tell(piece, names, told, part.asks and at == last, asks_later or at < last)
            for at, piece in enumerate(pieces)
        )
        if not known and (part.asks or not asks_later or _asks(part.text)):
            return False
        told.complete &= known
    return True


def _pieces(said: Words, names: Names) -> Iterator[Words]:
    """The sentences that a comma, or nothing at all, runs together."""
    start = 0
    for at in range(2, len(said) - 1):
        front, rest = said[start:at], said[at:]
        if len(front) < 2 or not _runs_on(front, rest, names):
            continue
        yield begun(_bare(front))
        start = at
    yield begun(said[start:])


_AFRESH = DETERMINERS | POSSESSIVES | PRONOUNS
_SUBORDINATE = QUESTION_WORDS | AUXILIARIES | word_set(
    "if when after before since although though while because as with on in for from among to"
)  # fmt: skip


def _runs_on(front: Words, rest: Words, names: Names) -> bool:
    """Whether another sentence begins with `rest`."""
    first, second = low(rest[0]), low(rest[1])
    if front[-1].endswith(";"):
        return True
    if front[-1].endswith(","):
        if first in ("give", "tell", "show", "explain") and len(rest) > 2:
            return True
        if [first, second] == ["what", "now"]:
            return True
        if first in QUESTION_WORDS and _WISHES.match(" ".join(front)):
            return True
        if first in FILLER and len(rest) > 3 and low(front[0]) not in _SUBORDINATE:
            return _begins_question(rest, 1, names)
        if low(front[0]) in QUESTION_WORDS | AUXILIARIES:
            return first in PRONOUNS - {"one", "people"} and has_verb(rest[:4])
        if low(front[0]) in _SUBORDINATE or not (first in _AFRESH or names.is_name(rest[0])):
            return False
        return has_verb(front) and has_verb(rest[:6]) and not _TAG.search(" ".join(["x,", *rest]))
    if first in ("i", "we") and len(rest) > 2 and not front[-1].endswith(","):
        begins = second in word_set("only just have had am was")
        return begins and low(front[-1]) not in _BEFORE_CLAUSE and len(front) > 2
    lists = first == "which" and not any(word.endswith(",") for word in front)
    return lists and not has_verb(front) and low(front[0]) not in _SUBORDINATE | PREPOSITIONS


_BEFORE_CLAUSE = QUESTION_WORDS | PREPOSITIONS | AUXILIARIES | word_set(
    "and or but so because if whether that although though while as when than say said one all"
)  # fmt: skip


def _asks(text: str) -> bool:
    first = low(text.split()[0]) if text.split() else ""
    return first in QUESTION_WORDS | AUXILIARIES or first in ("explain", "compare", "tell", "give")


def _tell(said: Words, names: Names, told: _Told, asks: bool, asks_later: bool) -> bool:
    """Note one sentence; False where it is not certain what it says."""
    if is_about_both(said := _request(said)):
        return False
    if told.said and not told.asked and (bare := _bare_question(said)):
        told.asked.append(bare)
        return True
    if _is_fragment(said) and told.asked:
        return True
    if wanted := _wish(said) or _order(said, names):
        told.wanted.append(wanted)
        return True
    if topic := _topic(said, names):
        told.about.append(topic)
        return True
    if asked := _questions(said, names, told):
        told.asked += asked
        return True
    if asks and not asks_later and (rising := _rising(said, names)):
        told.asked.append(rising)
        return True
    if is_statement(said, names.is_name):
        told.said.append(said)
        return True
    return False


def _rising(said: Words, names: Names) -> Words | None:
    """A statement with a question mark behind it, or `any model for that`."""
    if low(said[0]) == "any" and len(said) > 2:
        return ["whether", "there", "is", *said]
    asks = QUESTION_WORDS | AUXILIARIES
    spliced = any(a.endswith(",") and low(b) in asks for a, b in pairwise(said))
    spliced |= low(said[1]) in QUESTION_WORDS if len(said) > 1 else True
    return (
        ["whether", *of_program(said)]
        if is_statement(said, names.is_name) and not spliced
        else None
    )


def _bare_question(said: Words) -> Words | None:
    """The question of `Why?` or `Right?` behind what was said."""
    cores = list(map(low, said))
    if cores in (["why"], ["how"], ["why", "not"], ["how", "come"]):
        return ["why"] if cores[-1] == "come" else cores
    if cores == ["explain"]:
        return ["why"]
    if cores in (["what", "now"], ["what", "then"]):
        return ["what", "to", "do", "now"]
    if cores in (["right"], ["true"], ["correct"]):
        return ["whether", "that", "is", *cores]
    return None


def _is_fragment(said: Words) -> bool:
    """Whether words only add to the question before them, as `by how much` does."""
    begins = low(said[0]) in PREPOSITIONS or low(said[0]) in ("why", "what", "how")
    return len(said) < 6 and begins and not has_verb(said)


_LEAD_IN = re.compile(
    r"(?:(?:can|could|would|will) you (?:please )?|please )?"
    r"(?:(?:tell|explain|show)(?: to)? me (?=what|which|who|whose|when|where|why|how|if|whether)"
    r"|explain (?=what|which|who|when|where|why|how|if|whether))"
    r"|i (?:would like|want|need|am trying) to (?:know|understand|find out) "
    r"|i (?:also )?(?:wonder|am wondering|was wondering|am curious|am not sure|do not know|"
    r"do not understand|cannot tell|cannot figure out) "
    r"|(?:do you know|does (?:anyone|anybody) know|any idea|my question is|the question is),? ",
    re.IGNORECASE,
)
_REQUEST = re.compile(
    r"(?:can|could|would|will) you (?:please |kindly |maybe |quickly )?(?=(?:explain|describe|tell|"
    r"show|give|list|name|recommend|suggest|summarise|summarize|compare|help|deblur|sharpen|fix|"
    r"restore|enlarge|upscale|unblur) )|please ", re.IGNORECASE,
)  # fmt: skip


_AS_TO_A_CHILD = re.compile(
    r",? (?:like|as if) i (?:am|was|were) (?:5|five|a [\w-]+(?: \w+)?)", re.IGNORECASE
)


def _request(said: Words) -> Words:
    text = _AS_TO_A_CHILD.sub("", " ".join(said))
    said = text.split()
    return text[match.end() :].split() if (match := _REQUEST.match(text)) else said


def _questions(said: Words, names: Names, told: _Told) -> list[Words] | None:
    """The questions of a sentence as clauses; what it says before them is noted in `told`."""
    text = " ".join(said)
    if tail := _TAIL.search(text):
        clauses = _questions(text[: tail.start()].split(), names, told)
        return clauses and [*clauses[:-1], [*_bare_comma(clauses[-1]), *tail[1].split()]]
    if lead := _LEAD_IN.match(text):
        rest = text[lead.end() :].split()
        return _embedded(rest, names, told) if rest else None
    if tagged := _tagged(said, names):
        return [tagged]
    if low(said[0]) in QUESTION_WORDS | AUXILIARIES and (
        clauses := _behind_comma(said, names, told, questions_only=True)
    ):
        return clauses
    if both := _coordinated(said, names):
        return both
    if clause := indirect(said, names.is_name):
        return [clause]
    return _behind_comma(said, names, told)


_TAIL = re.compile(
    r",? (in (?:plain|simple|other|short|layman's) (?:words|terms)|in a nutshell|in short|"
    r"in one sentence|explained simply|for instance|for example|legally speaking)$",
    re.IGNORECASE,
)


def _bare_comma(said: Words) -> Words:
    return [*_bare(said)[:-1], f"{said[-1].rstrip(',;:')},"]


def _embedded(rest: Words, names: Names, told: _Told) -> list[Words] | None:
    if low(rest[0]) in ("if", "whether"):
        return [["whether", *rest[1:]]]
    if low(rest[0]) not in QUESTION_WORDS:
        return None
    if direct := _questions(rest, names, told):
        return direct
    is_clause = any(is_finite(core) or is_third_person(core) for core in map(low, rest[1:]))
    return [rest] if is_clause and low(rest[0]) != "which" else None


_TAG = re.compile(
    r", (?:why|how come|right|correct|true|yes|no|am i right|"
    r"is (?:that|this|it) (?:right|correct|true|so)|"
    r"(?:is|are|was|were|does|do|did|has|have|can|could|will|would|should)(?:n't| not)? "
    r"(?:it|they|he|she|this|that|there|i|you|we))$", re.IGNORECASE,
)  # fmt: skip


def _tagged(said: Words, names: Names) -> Words | None:
    text = " ".join(said)
    if not (tag := _TAG.search(text)):
        return None
    stated = text[: tag.start()].split()
    if low(stated[0]) in QUESTION_WORDS | AUXILIARIES | {"if"} or not has_verb(stated):
        return None
    return ["why" if tag[0].endswith(("why", "how come")) else "whether", *of_program(stated)]


def _coordinated(said: Words, names: Names) -> list[Words] | None:
    """`what it is` and `whether it works` of `what is it and does it work`."""
    for at in range(2, len(said) - 2):
        if low(said[at]) in ("and", "or", "but") and _begins_question(said, at + 1, names):
            first = indirect(_bare(said[:at]), names.is_name)
            rest = said[at + 1 :]
            others = _coordinated(rest, names) or [indirect(rest, names.is_name) or []]
            if first and all(others):
                return [first, *others]
    return None


def _begins_question(said: Words, at: int, names: Names) -> bool:
    first, second = low(said[at]), low(said[at + 1])
    if first in ("which", "who", "where"):
        return second in AUXILIARIES
    if first in QUESTION_WORDS:
        return at + 2 < len(said)
    begins = DETERMINERS | POSSESSIVES | PRONOUNS | {"not"}
    return first in AUXILIARIES and (second in begins or names.is_name(said[at + 1]))


def _bare(said: Words) -> Words:
    return [*said[:-1], said[-1].rstrip(",;:")]


_REASONS = word_set("since because given although though as")


def _behind_comma(
    said: Words, names: Names, told: _Told, questions_only: bool = False
) -> list[Words] | None:
    """The question behind what stands first: a condition, a place, what happened, a topic."""
    for at in range(len(said) - 2):
        if not said[at].endswith(",") or low(said[at + 1]) not in QUESTION_WORDS | AUXILIARIES:
            continue
        rest = said[at + 1 :]
        asked = _coordinated(rest, names) or [indirect(rest, names.is_name) or []]
        if not all(asked):
            continue
        front = _bare(said[: at + 1])
        first = low(front[0])
        if first in QUESTION_WORDS | AUXILIARIES:
            before = _coordinated(front, names) or [indirect(front, names.is_name) or []]
            relative = low(rest[0]) in ("which", "who", "where") and asked == [rest]
            return [*before, *asked] if all(before) and not relative else None
        if questions_only:
            return None
        if first in _REASONS and len(front) > 3 and first != "as":
            told.said.append(front[1:])
        elif first in ("if", "when", "after", "before", "while") or first in PREPOSITIONS:
            asked[-1] = [*asked[-1], *front]
        elif is_statement(front, names.is_name):
            told.said.append(front)
        elif has_verb(front) or len(front) > 9 or not VERBS.isdisjoint(map(low, front[1:])):
            return None
        else:
            told.about.append(front)
        return asked
    return None


# --- wishes, orders and topics --------------------------------------------------------------------

_WISHES = re.compile(
    r"i (?:(?:would|do) )?(?:really |just |only )?(want|need|like)"
    r"(?= (?:to|a|an|the|my|some|more)\b)",
    re.IGNORECASE,
)
_FOR_ME = re.compile(r" (?:for|to) me(?= |$)", re.IGNORECASE)
_GIVEN = word_set("give show list name recommend suggest provide get")
_EXPLAINED = word_set("explain describe summarise summarize")


def _wish(said: Words) -> Words | None:
    """`want to read it` of `I would like to read it`."""
    text = " ".join(said)
    if not (wish := _WISHES.match(text)):
        return None
    verb = "need" if wish[1].lower() == "need" else "want"
    return [verb, *text[wish.end() :].split()]


def _order(said: Words, names: Names) -> Words | None:
    """`want the table` of `give me the table`."""
    text = _FOR_ME.sub("", " ".join(said))
    rest = text.split()[1:]
    verb = low(said[0])
    if rest and low(rest[0]) in ("me", "us"):
        rest = rest[1:]
    if (
        not rest
        or verb not in VERBS - AUXILIARIES | _EXPLAINED | _GIVEN | {"tell"}
        or said[0].endswith(",")
    ):
        return None
    first = low(rest[0])
    begins = first in DETERMINERS | POSSESSIVES | {"all"} or names.is_name(rest[0])
    if verb == "help" and first in VERBS:
        return ["want", "to", *rest]
    if verb == "tell":
        about = first in ("about", "more") and len(rest) > 1
        return (
            ["want", "to", "know", *(rest if first == "more" else ["more", *rest])]
            if about
            else (["want", *rest] if begins else None)
        )
    if first in QUESTION_WORDS or (
        any(word.endswith(",") for word in rest[:-1]) and verb not in _GIVEN
    ):
        return None
    if verb in _GIVEN:
        return ["want", *rest]
    if verb in _EXPLAINED:
        is_phrase = len(rest) <= 9 and first not in PREPOSITIONS and not has_verb(rest)
        return ["want", *rest, past(verb)] if is_phrase else None
    return ["want", "to", verb, *rest] if begins or first.startswith(('"', "“")) else None


_ABOUT = re.compile(r"(?:what|how) about |(?:anything|something|more) (?:on|about) ", re.IGNORECASE)


def _topic(said: Words, names: Names) -> Words | None:
    """The phrase that a text without a verb names, such as `the price of it`."""
    text = " ".join(said)
    if about := _ABOUT.match(text):
        return text[about.end() :].split()
    cores = list(map(low, said))
    differs = cores[0] in ("difference", "differences")
    if len(said) > 14 or (has_verb(said) and not differs):
        return None
    for at, word in enumerate(said[:-1], 1):
        if word.endswith(":") and cores[at] in QUESTION_WORDS:
            return _topic(_bare(said[:at]), names)
    if any(is_third_person(core) for core in cores[2:]) and not differs:
        return None
    if cores[0] in VERBS | AUXILIARIES | PREPOSITIONS | PRONOUNS | {"not"}:
        return None
    if not QUESTION_WORDS.isdisjoint(cores):
        return None
    if (cores[0] in DETERMINERS - {"no"} | POSSESSIVES and len(said) > 1) or (
        len(said) == 1 and names.is_name(said[0])
    ):
        return said
    if len(said) > 2 and not PREPOSITIONS.isdisjoint(cores[1:-1]):
        return ["the", *said] if differs or cores[0] in SOUGHT or cores[1] == "of" else said
    return None


# --- names and topics -----------------------------------------------------------------------------

_ASKED = {
    "speed": "the speed", "memory": "the memory needs", "loss": "the training loss",
    "training": "the training", "data": "the training data", "architecture": "the architecture",
    "multi-scale": "the work at several scales", "fusion": "the fusion of features",
    "attention": "attention", "frequency": "the frequency domain", "residual": "residual learning",
    "licence": "the licence", "weights": "the weights", "evaluation": "the published figures",
    "inputs": "the input", "outputs": "the output", "input-size": "the size of the input",
    "resolution": "the resolution", "features": "feature maps", "semantics": "meaning in pictures",
    "saliency": "what stands out", "brain": "likeness to the human brain",
    "ocr": "reading text in pictures", "language": "language", "ensemble": "ensembles",
    "limits": "the limits", "layers": "single layers", "edges": "edges", "text": "text in pictures",
    "blur": "blur", "sharpness": "sharpness", "structure": "structure", "detail": "detail",
    "noise": "noise", "artefacts": "artefacts", "colour": "colours",
    "enlargement": "enlarged pictures", "hallucination": "invented content",
}  # fmt: skip
_MOST_TOPICS = 3


def _topics(parsed: ParsedQuestion, cards: Sequence[Card]) -> str | None:
    """What a question is about, where no more of it is certain."""
    names = Names(parsed, cards)
    models = list(dict.fromkeys(
        quoted(names.spelt(name)[:80], "a system that you name") for name in parsed.models
    ))[:4]  # fmt: skip
    named = joined(models)
    tags = [_ASKED[tag] for tag in (*parsed.topics, *parsed.effects) if tag in _ASKED]
    of = [tag for tag in dict.fromkeys(tags) if tag.startswith("the ")]
    tags = (of if named and of else list(dict.fromkeys(tags)))[:_MOST_TOPICS]
    language = _language(parsed.language)
    asks = f"You ask, in {language}," if language else "You ask"
    if "comparison" in parsed.topics and len(models) > 1:
        told = f"{asks} how {named} compare."
    elif of and named:
        told = f"{asks} about {joined(tags)} of {named}."
    elif named or tags:
        told = f"{asks} about {joined([*models, *tags])}."
    else:
        return f"You ask a question in {language}." if language else None
    return told if told.isprintable() and not references_in(told) else None


def _verbatim(text: str) -> str:
    """The question in its own words, where they are few and safe to repeat."""
    if references_in(text):
        return "You ask about an address or a repository, which is not repeated here."
    said = " ".join(text.split()).strip("\"“”'‘’ ").replace('"', "'")
    told = f"You ask: “{said}”"
    safe = 0 < len(said) <= LONGEST and said.isprintable() and not references_in(told)
    return told if safe else "You ask a question that is not repeated here."


def _language(code: str) -> str | None:
    named = (str(one.english) for one in languages().each if one.code == code != "en")
    return next(named, None)
