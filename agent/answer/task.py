"""Part 1 of an answer: what the person is trying to do or know, in the program's words.

A question whose grammar is certain is restated as reported speech; of any other, only what is
certain is restated: its names and topics. Nothing here states a fact about a system.
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
from agent.question.languages import languages
from agent.question.sentences import plain, sentences
from agent.question.words import word_set
from agent.references import references_in
from agent.text import format_list, visible
from agent.types import Card, ParsedQuestion

_MOST_SENTENCES = 12
_READ = 4_000
"""Number of characters of a question that are read."""


Claims = tuple[str, ...]


def task_of(text: str, parsed: ParsedQuestion, cards: Sequence[Card]) -> list[tuple[str, Claims]]:
    """Restate what `text` asks; the answer is about the first of `cards`.

    Returns:
        What the person wants, in one to three sentences that claim nothing about a system, and, if
        it helps, the same in the field's terms; each with the ids of its supporting facts. All
        text is printable and repeats no reference of the question.
    """
    task = _retelling(text, parsed, cards) or _topics(parsed, cards) or _verbatim(text)
    return [(task, ()), *_terms(parsed, cards)]


def quoted(words: str, instead: str) -> str:
    """Return the words, or `instead` if they hold an address or a repository."""
    return visible(words) if words and not references_in(words) else instead


def _terms(parsed: ParsedQuestion, cards: Sequence[Card]) -> Iterator[tuple[str, Claims]]:
    """Yield the task in the field's terms, if the question is how or why a past operation works."""
    if cards and parsed.operation and parsed.intent in ("explain", "complain"):
        yield f"The technical term is {cards[0].task.rstrip('.')}.", (f"{cards[0].id}/task",)


# --- reported speech ------------------------------------------------------------------------------


@dataclass
class _Gist:
    """What a question says and asks, as words still in the first person."""

    statements: list[Words] = field(default_factory=list)
    questions: list[Words] = field(default_factory=list)
    wishes: list[Words] = field(default_factory=list)
    about: list[Words] = field(default_factory=list)
    complete: bool = True
    """Whether everything before each question was understood."""

    def sentences(self) -> Iterator[str]:
        for words in self.wishes:
            yield f"You {_text(words)}"
        if self.statements:
            yield f"You say {format_list([f'that {_text(words)}' for words in self.statements])}"
        if self.about:
            yield f"You ask about {format_list(list(map(_text, self.about)))}"
        questions = list(map(_text, self.questions))
        if (
            questions
            and sum(map(len, questions)) <= LONGEST
            and not any("," in one for one in questions[:-1])
        ):
            yield f"You want to know {format_list(questions)}"
            return
        for i, one in enumerate(questions):
            yield f"You {'also ' if i else ''}want to know {one}"

    def points_back(self) -> bool:
        """Check whether a question refers to something that is not restated."""
        cores = {low(word) for words in self.questions for word in words}
        return not self.complete and not cores.isdisjoint(_POINTING)


_POINTING = POINTERS | word_set("it its they them he she which there")


def _text(words: Words) -> str:
    text = " ".join(turned(words)).rstrip(" ,;:-–")
    return text.replace(" et al ", " et al. ")


def _retelling(text: str, parsed: ParsedQuestion, cards: Sequence[Card]) -> str | None:
    """Return the question as reported speech; None if that is not certain."""
    if parsed.intent == "chat":
        return "You are making conversation."
    if parsed.language not in ("en", "und") or len(text) > _READ:
        return None
    names = Names(parsed, cards)
    gist = _Gist()
    for part in parsed.parts or (text,):
        if not _tell_part(plain(_as_asked(part, parsed)), names, gist):
            return None
    nothing = not (gist.questions or gist.wishes or gist.about or gist.statements)
    if nothing or gist.points_back():
        return None
    _shorten(gist)
    whole = " ".join(f"{sentence}." for sentence in gist.sentences()).replace(SPACE, " ")
    return whole if whole.isprintable() and not references_in(whole) else None


def _as_asked(part: str, parsed: ParsedQuestion) -> str:
    """Return one of several questions without the name that was prepended to it."""
    starts = (f"{name}: " for name in parsed.models)
    return part.removeprefix(next(filter(part.startswith, starts), ""))


def _shorten(gist: _Gist) -> None:
    """Cut what was said to the length of what was asked."""
    while len(gist.statements) > 1 and (
        len(gist.statements) > 2 or _length(gist.statements) > LONGEST
    ):
        gist.statements.pop(0)
    del gist.questions[4:], gist.wishes[2:], gist.about[3:]


def _length(clauses: Iterable[Words]) -> int:
    return sum(len(" ".join(words)) for words in clauses)


def _tell_part(text: str, names: Names, gist: _Gist) -> bool:
    """Add what a text says and asks to `gist`; False if a question in it cannot be restated."""
    parts = sentences(text)
    if len(parts) > _MOST_SENTENCES:
        return False
    for i, part in enumerate(parts):
        words = prepared(part.text, names)
        if words == []:
            continue
        asks_later = any(later.asks or _asks(later.text) for later in parts[i + 1 :])
        pieces = list(_pieces(words, names)) if words else []
        last = len(pieces) - 1
        is_clear = bool(pieces) and all(
            _tell(piece, names, gist, part.asks and at == last, asks_later or at < last)
            for at, piece in enumerate(pieces)
        )
        if not is_clear and (part.asks or not asks_later or _asks(part.text)):
            return False
        gist.complete &= is_clear
    return True


def _pieces(words: Words, names: Names) -> Iterator[Words]:
    """Yield the sentences that a comma, or nothing at all, runs together."""
    start = 0
    for at in range(2, len(words) - 1):
        front, rest = words[start:at], words[at:]
        if len(front) < 2 or not _runs_on(front, rest, names):
            continue
        yield begun(_bare(front))
        start = at
    yield begun(words[start:])


_AFRESH = DETERMINERS | POSSESSIVES | PRONOUNS
_SUBORDINATE = QUESTION_WORDS | AUXILIARIES | word_set(
    "if when after before since although though while because as with on in for from among to"
)  # fmt: skip


def _runs_on(front: Words, rest: Words, names: Names) -> bool:
    """Check whether `rest` begins another sentence."""
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


def _tell(words: Words, names: Names, gist: _Gist, asks: bool, asks_later: bool) -> bool:
    """Add one sentence to `gist`; False if it is not certain what it says."""
    if is_about_both(words := _request(words)):
        return False
    if gist.statements and not gist.questions and (bare := _bare_question(words)):
        gist.questions.append(bare)
        return True
    if _is_fragment(words) and gist.questions:
        return True
    if wish := _wish(words) or _order(words, names):
        gist.wishes.append(wish)
        return True
    if topic := _topic(words, names):
        gist.about.append(topic)
        return True
    if questions := _questions(words, names, gist):
        gist.questions += questions
        return True
    if asks and not asks_later and (rising := _rising(words, names)):
        gist.questions.append(rising)
        return True
    if is_statement(words, names.is_name):
        gist.statements.append(words)
        return True
    return False


def _rising(words: Words, names: Names) -> Words | None:
    """Return the clause for a statement with a question mark, or for `any model for that`."""
    if low(words[0]) == "any" and len(words) > 2:
        return ["whether", "there", "is", *words]
    asks = QUESTION_WORDS | AUXILIARIES
    spliced = any(a.endswith(",") and low(b) in asks for a, b in pairwise(words))
    spliced |= low(words[1]) in QUESTION_WORDS if len(words) > 1 else True
    return (
        ["whether", *of_program(words)]
        if is_statement(words, names.is_name) and not spliced
        else None
    )


def _bare_question(words: Words) -> Words | None:
    """Return the question of `Why?` or `Right?` after a statement."""
    cores = list(map(low, words))
    if cores in (["why"], ["how"], ["why", "not"], ["how", "come"]):
        return ["why"] if cores[-1] == "come" else cores
    if cores == ["explain"]:
        return ["why"]
    if cores in (["what", "now"], ["what", "then"]):
        return ["what", "to", "do", "now"]
    if cores in (["right"], ["true"], ["correct"]):
        return ["whether", "that", "is", *cores]
    return None


def _is_fragment(words: Words) -> bool:
    """Check whether the words only add to the question before them, as `by how much` does."""
    begins = low(words[0]) in PREPOSITIONS or low(words[0]) in ("why", "what", "how")
    return len(words) < 6 and begins and not has_verb(words)


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


def _request(words: Words) -> Words:
    text = _AS_TO_A_CHILD.sub("", " ".join(words))
    words = text.split()
    return text[match.end() :].split() if (match := _REQUEST.match(text)) else words


def _questions(words: Words, names: Names, gist: _Gist) -> list[Words] | None:
    """Return the questions of a sentence as clauses, adding what precedes them to `gist`."""
    text = " ".join(words)
    if tail := _TAIL.search(text):
        clauses = _questions(text[: tail.start()].split(), names, gist)
        return clauses and [*clauses[:-1], [*_bare_comma(clauses[-1]), *tail[1].split()]]
    if lead := _LEAD_IN.match(text):
        rest = text[lead.end() :].split()
        return _embedded(rest, names, gist) if rest else None
    if tagged := _tagged(words, names):
        return [tagged]
    if low(words[0]) in QUESTION_WORDS | AUXILIARIES and (
        clauses := _behind_comma(words, names, gist, questions_only=True)
    ):
        return clauses
    if both := _coordinated(words, names):
        return both
    if clause := indirect(words, names.is_name):
        return [clause]
    return _behind_comma(words, names, gist)


_TAIL = re.compile(
    r",? (in (?:plain|simple|other|short|layman's) (?:words|terms)|in a nutshell|in short|"
    r"in one sentence|explained simply|for instance|for example|legally speaking)$",
    re.IGNORECASE,
)


def _bare_comma(words: Words) -> Words:
    return [*_bare(words)[:-1], f"{words[-1].rstrip(',;:')},"]


def _embedded(rest: Words, names: Names, gist: _Gist) -> list[Words] | None:
    if low(rest[0]) in ("if", "whether"):
        return [["whether", *rest[1:]]]
    if low(rest[0]) not in QUESTION_WORDS:
        return None
    if direct := _questions(rest, names, gist):
        return direct
    is_clause = any(is_finite(core) or is_third_person(core) for core in map(low, rest[1:]))
    return [rest] if is_clause and low(rest[0]) != "which" else None


_TAG = re.compile(
    r", (?:why|how come|right|correct|true|yes|no|am i right|"
    r"is (?:that|this|it) (?:right|correct|true|so)|"
    r"(?:is|are|was|were|does|do|did|has|have|can|could|will|would|should)(?:n't| not)? "
    r"(?:it|they|he|she|this|that|there|i|you|we))$", re.IGNORECASE,
)  # fmt: skip


def _tagged(words: Words, names: Names) -> Words | None:
    text = " ".join(words)
    if not (tag := _TAG.search(text)):
        return None
    stated = text[: tag.start()].split()
    if low(stated[0]) in QUESTION_WORDS | AUXILIARIES | {"if"} or not has_verb(stated):
        return None
    return ["why" if tag[0].endswith(("why", "how come")) else "whether", *of_program(stated)]


def _coordinated(words: Words, names: Names) -> list[Words] | None:
    """Split `what is it and does it work` into `what it is` and `whether it works`."""
    for at in range(2, len(words) - 2):
        if low(words[at]) in ("and", "or", "but") and _begins_question(words, at + 1, names):
            first = indirect(_bare(words[:at]), names.is_name)
            rest = words[at + 1 :]
            others = _coordinated(rest, names) or [indirect(rest, names.is_name) or []]
            if first and all(others):
                return [first, *others]
    return None


def _begins_question(words: Words, at: int, names: Names) -> bool:
    first, second = low(words[at]), low(words[at + 1])
    if first in ("which", "who", "where"):
        return second in AUXILIARIES
    if first in QUESTION_WORDS:
        return at + 2 < len(words)
    begins = DETERMINERS | POSSESSIVES | PRONOUNS | {"not"}
    return first in AUXILIARIES and (second in begins or names.is_name(words[at + 1]))


def _bare(words: Words) -> Words:
    return [*words[:-1], words[-1].rstrip(",;:")]


_REASONS = word_set("since because given although though as")


def _behind_comma(
    words: Words, names: Names, gist: _Gist, questions_only: bool = False
) -> list[Words] | None:
    """Return the questions after a leading condition, place, statement or topic."""
    for at in range(len(words) - 2):
        if not words[at].endswith(",") or low(words[at + 1]) not in QUESTION_WORDS | AUXILIARIES:
            continue
        rest = words[at + 1 :]
        questions = _coordinated(rest, names) or [indirect(rest, names.is_name) or []]
        if not all(questions):
            continue
        front = _bare(words[: at + 1])
        first = low(front[0])
        if first in QUESTION_WORDS | AUXILIARIES:
            before = _coordinated(front, names) or [indirect(front, names.is_name) or []]
            relative = low(rest[0]) in ("which", "who", "where") and questions == [rest]
            return [*before, *questions] if all(before) and not relative else None
        if questions_only:
            return None
        if first in _REASONS and len(front) > 3 and first != "as":
            gist.statements.append(front[1:])
        elif first in ("if", "when", "after", "before", "while") or first in PREPOSITIONS:
            questions[-1] = [*questions[-1], *front]
        elif is_statement(front, names.is_name):
            gist.statements.append(front)
        elif has_verb(front) or len(front) > 9 or not VERBS.isdisjoint(map(low, front[1:])):
            return None
        else:
            gist.about.append(front)
        return questions
    return None


# --- wishes, orders and topics --------------------------------------------------------------------

_WISHES = re.compile(
    r"i (?:(?:would|do) )?(?:really |just |only )?(want|need|like)"
    r"(?= (?:to|a|an|the|my|some|more)\b)",
    re.IGNORECASE,
)
_FOR_ME = re.compile(r" (?:for|to) me(?= |$)", re.IGNORECASE)
_GIVING = word_set("give show list name recommend suggest provide get")
_EXPLAINING = word_set("explain describe summarise summarize")


def _wish(words: Words) -> Words | None:
    """Turn `I would like to read it` into `want to read it`."""
    text = " ".join(words)
    if not (wish := _WISHES.match(text)):
        return None
    verb = "need" if wish[1].lower() == "need" else "want"
    return [verb, *text[wish.end() :].split()]


def _order(words: Words, names: Names) -> Words | None:
    """Turn `give me the table` into `want the table`."""
    text = _FOR_ME.sub("", " ".join(words))
    rest = text.split()[1:]
    verb = low(words[0])
    if rest and low(rest[0]) in ("me", "us"):
        rest = rest[1:]
    if (
        not rest
        or verb not in VERBS - AUXILIARIES | _EXPLAINING | _GIVING | {"tell"}
        or words[0].endswith(",")
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
        any(word.endswith(",") for word in rest[:-1]) and verb not in _GIVING
    ):
        return None
    if verb in _GIVING:
        return ["want", *rest]
    if verb in _EXPLAINING:
        is_phrase = len(rest) <= 9 and first not in PREPOSITIONS and not has_verb(rest)
        return ["want", *rest, past(verb)] if is_phrase else None
    return ["want", "to", verb, *rest] if begins or first.startswith(('"', "“")) else None


_ABOUT = re.compile(r"(?:what|how) about |(?:anything|something|more) (?:on|about) ", re.IGNORECASE)


def _topic(words: Words, names: Names) -> Words | None:
    """Return the noun phrase that a text without a verb consists of, such as `the price of it`."""
    text = " ".join(words)
    if about := _ABOUT.match(text):
        return text[about.end() :].split()
    cores = list(map(low, words))
    differs = cores[0] in ("difference", "differences")
    if len(words) > 14 or (has_verb(words) and not differs):
        return None
    for at, word in enumerate(words[:-1], 1):
        if word.endswith(":") and cores[at] in QUESTION_WORDS:
            return _topic(_bare(words[:at]), names)
    if any(is_third_person(core) for core in cores[2:]) and not differs:
        return None
    if cores[0] in VERBS | AUXILIARIES | PREPOSITIONS | PRONOUNS | {"not"}:
        return None
    if not QUESTION_WORDS.isdisjoint(cores):
        return None
    if (cores[0] in DETERMINERS - {"no"} | POSSESSIVES and len(words) > 1) or (
        len(words) == 1 and names.is_name(words[0])
    ):
        return words
    if len(words) > 2 and not PREPOSITIONS.isdisjoint(cores[1:-1]):
        return ["the", *words] if differs or cores[0] in SOUGHT or cores[1] == "of" else words
    return None


# --- names and topics -----------------------------------------------------------------------------

_TOPIC_PHRASES = {
    "speed": "the speed", "memory": "the memory needs", "loss": "the training loss",
    "training": "the training", "data": "the training data", "architecture": "the architecture",
    "multi-scale": "work at several scales", "fusion": "the fusion of features",
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
    """Return what a question is about, if no more of it is certain."""
    names = Names(parsed, cards)
    models = list(dict.fromkeys(
        quoted(names.spelt(name)[:80], "a system that you name") for name in parsed.models
    ))[:4]  # fmt: skip
    systems = format_list(models)
    tags = [
        _TOPIC_PHRASES[tag] for tag in (*parsed.topics, *parsed.effects) if tag in _TOPIC_PHRASES
    ]
    of = [tag for tag in dict.fromkeys(tags) if tag.startswith("the ")]
    tags = (of if systems and of else list(dict.fromkeys(tags)))[:_MOST_TOPICS]
    language = _language(parsed.language)
    asks = f"You ask, in {language}," if language else "You ask"
    if "comparison" in parsed.topics and len(models) > 1:
        sentence = f"{asks} how {systems} compare."
    elif of and systems:
        sentence = f"{asks} about {format_list(tags)} of {systems}."
    elif systems or tags:
        sentence = f"{asks} about {format_list([*models, *tags])}."
    else:
        return f"You ask a question in {language}." if language else None
    return sentence if sentence.isprintable() and not references_in(sentence) else None


def _verbatim(text: str) -> str:
    """Quote the question, if it is short and safe to repeat."""
    if references_in(text):
        return "You ask about an address or a repository, which is not repeated here."
    quote = " ".join(text.split()).strip("\"“”'‘’ ").replace('"', "'")
    sentence = f"You ask: “{quote}”"
    safe = 0 < len(quote) <= LONGEST and quote.isprintable() and not references_in(sentence)
    return sentence if safe else "You ask a question that is not repeated here."


def _language(code: str) -> str | None:
    names = (str(one.english) for one in languages().each if one.code == code != "en")
    return next(names, None)
