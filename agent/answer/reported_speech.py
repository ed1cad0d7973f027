"""Reported speech: `Did it sharpen my photo?` becomes `whether it sharpened your photo`.

All functions take and return lists of words; punctuation stays attached to the word before it.
They return None if the result might be wrong; the caller then says less.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from agent.answer.english import (
    ADJECTIVES,
    ADVERBS,
    AUXILIARIES,
    BE,
    CONJUNCTIONS,
    DEGREES,
    DETERMINERS,
    DO,
    EITHER,
    HAVE,
    MODALS,
    POINTERS,
    POSSESSIVES,
    PREPOSITIONS,
    PRONOUNS,
    QUESTION_WORDS,
    RELATIVES,
    VERBS,
    is_finite,
    is_participle,
    is_third_person,
    past,
    third_person,
)
from agent.question.words import word_set

Words = list[str]
IsName = Callable[[str], bool]

PROGRAM = "this program"
_MARKS = ",;:()\"“”'’"
_LONGEST_SUBJECT = 16
_ASKER = word_set("i me my mine myself we us our ours ourselves")
_TURNED = {
    "i": "you", "me": "you", "my": "your", "mine": "yours", "myself": "yourself",
    "we": "you", "us": "you", "our": "your", "ours": "yours", "ourselves": "yourselves",
}  # fmt: skip
_AGREEING = {"am": "are", "was": "were"}
_LINKS = word_set("and or but so")
_COMPARATIVE = re.compile(r"(?:more|less|[a-z]{3,}er)$")
#: Words that cannot end a subject, so that no predicate begins after them.
_UNFINISHED = (
    PREPOSITIONS | CONJUNCTIONS | DETERMINERS - POINTERS | POSSESSIVES | RELATIVES | {"to", "not"}
)
_CLOSING = word_set(
    "anywhere somewhere locally to than enough that again back together apart down first"
)
_BOUNDARIES = CONJUNCTIONS - {"and", "or", "nor", "that"}
_SEEMING = word_set("look sound")
_FOLLOWS_VERB = (
    DETERMINERS
    | POSSESSIVES
    | PREPOSITIONS
    | PRONOUNS
    | QUESTION_WORDS
    | CONJUNCTIONS
    | DEGREES
    | ADVERBS
    | word_set("me us them him myself better worse well right differently")
)


def low(word: str) -> str:
    """Return a word in lower case, without surrounding punctuation."""
    return word.strip(_MARKS).lower()


def turned(words: Words) -> Words:
    """Turn the first person into the second: `I`, `my` and `am` become `you`, `your` and `are`."""
    result: Words = []
    agreeing = False
    for word in words:
        core = low(word)
        if core in _TURNED:
            agreeing = core == "i"
            result.append(_replaced(word, _TURNED[core]))
            continue
        if agreeing and core in _AGREEING:
            word = _replaced(word, _AGREEING[core])
        agreeing = agreeing and core in ADVERBS
        result.append(word)
    return result


def _replaced(word: str, core: str) -> str:
    return word.lower().replace(low(word), core, 1)


def is_about_both(words: Words) -> bool:
    """Check whether both `I` and `you` occur, so that turning `I` into `you` would confuse them."""
    cores = ["", *map(low, words)]
    you = any(
        core in ("you", "your", "yours", "yourself") and before not in AUXILIARIES
        for before, core in pairwise(cores)
    )
    return you and not _ASKER.isdisjoint(cores)


def of_program(words: Words) -> Words:
    """Name the program in a statement about `you`, the program."""
    if low(words[0]) != "you" or len(words) < 2:
        return words
    verb = low(words[1])
    if verb in _SINGULAR or (verb in VERBS and verb not in AUXILIARIES):
        verb = _SINGULAR.get(verb, third_person(verb))
    return [*PROGRAM.split(), verb, *words[2:]]


_OWN = {"your": "its", "yours": "its own", "yourself": "itself"}
_SINGULAR = {"do": "does", "are": "is", "were": "was", "have": "has"}


# --- questions ------------------------------------------------------------------------------------


_AFTER_PREPOSITION = word_set("which what whom how whose")


def indirect(words: Words, is_name: IsName) -> Words | None:
    """Return a direct question as a clause, `whether …` or `why …`; still in the first person."""
    if not words:
        return None
    first = low(words[0])
    if first in AUXILIARIES:
        clause = _declarative(first, words[1:], is_name, polar=True)
        return clause and ["whether", *clause]
    if first in QUESTION_WORDS:
        return _wh_question(words, is_name)
    if first in PREPOSITIONS and len(words) > 2 and low(words[1]) in _AFTER_PREPOSITION:
        clause = _wh_question(words[1:], is_name)
        return clause and [words[0], *clause]
    return None


def _wh_question(words: Words, is_name: IsName) -> Words | None:
    """Return the clause for a question that begins with a question word."""
    first = low(words[0])
    second = low(words[1]) if len(words) > 1 else ""
    if first == "what" and second == "if" and len(words) > 3:
        return ["what", "happens", *words[1:]]
    if first == "how" and second == "come" and len(words) > 3:
        return ["why", *words[2:]] if has_verb(words[2:]) else None
    if first in ("how", "what", "where", "which") and second == "to" and len(words) > 2:
        return words
    if first == "why" and (second in VERBS - AUXILIARIES or (second == "not" and len(words) > 3)):
        return _why_do(words)
    at = next((i for i, word in enumerate(words[:9]) if i and low(word) in AUXILIARIES), None)
    if at is None or (at > 1 and _is_clause(words[1:at])):
        return _with_program(words) if _asks_for_subject(words) else None
    if words[at - 1].endswith(","):
        return None
    if at > 2 and first == "what" and low(words[1]) in DETERMINERS:
        return None  # `what the heck is it`
    head, aux, rest = words[:at], low(words[at]), words[at + 1 :]
    if not rest:
        return None
    if aux in DO and at > 1 and [low(word) for word in rest] in (["that"], ["this"], ["it"]):
        return words  # `which tool does that`
    does_one = aux == "does" and low(rest[0]) == "one"
    may_do = at == 1 and first == "how" and (aux in _MAY or does_one)
    if may_do and (how := _how_to(rest)):
        return how
    if _is_subject_question(head, aux, rest, is_name):
        return _with_program(words)
    if first == "what" and at == 1 and _is_sought(rest):
        return rest
    clause = (
        _what_is(head, aux, rest, is_name)
        if aux in BE and ((first in ("what", "who") and at == 1) or (first == "how" and at > 1))
        else _declarative(aux, rest, is_name, placed=at == 1 and first != "why")
    )
    return clause and [*head, *clause]


_MAY = word_set("do can could should would might")


def _with_program(words: Words) -> Words:
    return [*words[:-1], PROGRAM] if low(words[-1]) == "you" else words


def _why_do(words: Words) -> Words | None:
    """Turn `why use it` into `why one would use it`."""
    negative = low(words[1]) == "not"
    rest = words[2:] if negative else words[1:]
    while rest and low(rest[0]) in word_set("simply just") and len(rest) > 1:
        rest = rest[1:]
    if low(rest[0]) not in VERBS:
        return None
    return ["why", "one", "would", *(["not"] if negative else []), *rest]


def _how_to(rest: Words) -> Words | None:
    """Turn `how do I run it` into `how to run it`; None if it is not about doing something."""
    subject = low(rest[0])
    if subject not in ("i", "we", "you", "one") or len(rest) < 2:
        return None
    at = 2 if low(rest[1]) in word_set("best actually even simply") else 1
    if len(rest) <= at or not _plain(rest[at]) or low(rest[at]) in AUXILIARIES - DO | HAVE:
        return None
    return ["how", "to", *rest[at:]] if at == 1 else ["how", low(rest[1]), "to", *rest[at:]]


def _is_clause(words: Words) -> bool:
    """Check whether the words hold a finite verb and are no noun phrase, as in `what makes it`."""
    return any(
        is_finite(core) and core not in AUXILIARIES and not core.endswith(("ed", "en"))
        for core in map(low, words[:2])
    )


def _asks_for_subject(words: Words) -> bool:
    """Check whether a question without auxiliary asks for its subject, as in `which one fits`."""
    at = next((i for i in range(1, min(len(words), 8)) if _is_asked_verb(words, i)), None)
    if at is None or any(word.endswith(",") for word in words[:at]):
        return False
    if low(words[0]) in ("why", "when", "where"):
        return False
    if low(words[0]) == "how":
        return at > 1  # `how many people lay in it`; `how it works` is no question
    return True


def _is_asked_verb(words: Words, at: int) -> bool:
    core = low(words[at])
    if _is_tensed(words, at) or (core in VERBS - EITHER and at > 2):
        return True
    early = at == 1 if low(words[0]) == "who" else at in (2, len(words) - 1)
    return is_third_person(core) and early


def _is_subject_question(head: Words, aux: str, rest: Words, is_name: IsName) -> bool:
    """Check whether the question word is the subject, so that the word order stays."""
    first, following = low(head[0]), low(rest[0])
    if first in ("why", "when", "where", "whom") or aux in DO:
        return False
    if first == "how" and not (len(head) > 1 and low(head[1]) in ("many", "much")):
        return False
    if (following in PRONOUNS | POINTERS and following != "one") or is_name(rest[0]):
        return False
    if aux in MODALS:
        after = next((low(word) for word in rest if low(word) not in ADVERBS), "")
        return after in VERBS | {"be", "have"}
    if aux in HAVE:
        return is_participle(following) or following in DETERMINERS | ADJECTIVES | {"been"}
    if len(head) > 1:
        return following not in DETERMINERS | POSSESSIVES or first == "which"
    return (
        is_participle(following)
        or (following in ADJECTIVES and not _is_noun_phrase(rest))
        or following in ADVERBS | PREPOSITIONS | DEGREES | {"more", "less", "being"}
        or (following.endswith("ing") and len(rest) > 1 and low(rest[1]) in PREPOSITIONS)
    )


def _is_noun_phrase(rest: Words) -> bool:
    """Check whether an adjective at the start of `rest` modifies a noun, not a predicate."""
    return len(rest) > 1 and low(rest[1]) not in _UNFINISHED | ADVERBS | DEGREES | {"here"}


#: Nouns that can be asked for on their own: `the difference between A and B`.
SOUGHT = word_set(
    """difference role price cost size resolution threshold correlation link relation purpose reason
    peak number scale temperature way ratio meaning point effect rate limit maximum minimum lens
    length width speed notice name threshold capital derivative tense rule step trick idea
    advantage drawback training main best highest smallest largest fastest sampling total"""
)


def _is_left_over(rest: Words, at: int) -> bool:
    """Check whether a preposition is stranded, as in `what is it for`."""
    if low(rest[at]) not in PREPOSITIONS:
        return False
    return at + 1 == len(rest) or (low(rest[at]) == "for" and low(rest[at + 1]) in PREPOSITIONS)


def _is_sought(rest: Words) -> bool:
    """Check whether a long phrase can stand as it is: `the price of it in compute`."""
    if len(rest) < 5 or low(rest[0]) != "the" or "between" in map(low, rest[2:4]):
        return False
    if any(_is_left_over(rest, at) for at in range(1, len(rest) - 1)):
        return False
    nouns = [low(word) for word in rest[1:4]]
    at = next((i for i, noun in enumerate(nouns) if noun in SOUGHT), None)
    return at is not None and _UNFINISHED.isdisjoint(nouns[:at])


_PLACES = PREPOSITIONS - {"of", "to"}
_DOING = word_set("doing called made used supposed")


def _what_is(head: Words, aux: str, rest: Words, is_name: IsName) -> Words | None:
    """Return `what LLaVAR is`; a verb that would come too late follows its noun."""
    following = low(rest[0])
    if following == "there" or (
        following == "it" and len(rest) > 2 and low(rest[1]) in ("that", "to")
    ):
        return _with_subject(rest[:1], aux, rest[1:])
    if following == "your":
        rest = [*f"{PROGRAM}'s".split(), *rest[1:]]
    if following in PRONOUNS or (following in POINTERS and len(rest) == 1) or is_name(rest[0]):
        return _what_it_is(aux, rest, is_name)
    if any(low(word) in AUXILIARIES for word in rest):
        return None
    for at in range(1, len(rest)):
        if _is_left_over(rest, at):
            at -= at > 1 and low(rest[at - 1]) in ADJECTIVES
            return _with_subject(rest[:at], aux, rest[at:])
    if low(head[0]) == "how":
        places = [i for i, word in enumerate(rest) if i and low(word) in _PLACES]
        if len(places) > 1 or any(low(word) in _LINKS for word in rest[2:]):
            return None
        end = next(iter(places), len(rest))
        return _with_subject(rest[:end], aux, rest[end:])
    for at in range(1, len(rest)):
        if low(rest[at]) == "between" or (at > 1 and low(rest[at]) in _DOING):
            return _with_subject(rest[:at], aux, rest[at:])
    return _with_subject(rest, aux, []) if len(rest) <= 10 else None


def _what_it_is(aux: str, rest: Words, is_name: IsName) -> Words | None:
    """Do the same for `rest` that begins with a pronoun or a name, whose end is known."""
    at = 1
    while len(rest) > at + 1 and low(rest[at]) in ("and", "or") and is_name(rest[at + 1]):
        at += 2
    following = low(rest[at]) if at < len(rest) else ""
    if following in _LINKS:
        return _with_subject(rest, aux, [])
    if following in PREPOSITIONS | ADVERBS | ADJECTIVES or is_participle(following):
        return _with_subject(rest[:at], aux, rest[at:])
    return None if following and is_name(rest[0]) else _with_subject(rest, aux, [])


def _with_subject(subject: Words, verb: str, rest: Words) -> Words:
    """Join subject, verb and rest, moving a comma after the subject behind the verb."""
    return [*subject[:-1], subject[-1].rstrip(","), verb, *rest]


def _declarative(
    aux: str, words: Words, is_name: IsName, polar: bool = False, placed: bool = True
) -> Words | None:
    """Return the words after an auxiliary, with subject and verb in the order of a statement.

    Args:
        polar: whether it is a yes/no question, in which a negation only says what is expected.
        placed: whether a question without a predicate may end in its verb.
    """
    denied = low(words[0]) == "not" if words else False
    words = words[denied:]
    if not words:
        return None
    denied = denied and not polar
    at: int | None = None
    if low(words[0]) == "your":
        words = [*f"{PROGRAM}'s".split(), *words[1:]]
    elif low(words[0]) == "you":
        mixed = not _ASKER.isdisjoint(map(low, words))
        rest = words[1:] if mixed else [_OWN.get(low(word), word) for word in words[1:]]
        words, aux = [*PROGRAM.split(), *rest], _SINGULAR.get(aux, aux)
        at = 3 if len(words) > 3 and low(words[2]) in ADVERBS else 2
    if aux in DO | MODALS:
        aux = "can" if polar and aux == "cannot" else aux
        return _with_base(aux, words, at, denied, is_name)
    at = at or (_predicate_at(words, is_name) if aux in BE else _participle_at(words, is_name))
    if at is None:
        ends = placed and not polar and aux in BE and len(words) <= 8 and _is_one_phrase(words)
        return _with_subject(words, aux, []) if ends else None
    if at >= len(words):
        return None if polar else [*words, aux]
    return [*words[:at], aux, *(["not"] if denied else []), *words[at:]]


def _with_base(
    aux: str, words: Words, at: int | None, denied: bool, is_name: IsName
) -> Words | None:
    """Do the same for `do` and modals; `at` is the index of the base form if known."""
    if aux == "do" and not denied and "not" not in map(low, words[:_LONGEST_SUBJECT]):
        holds = not VERBS.isdisjoint(map(low, words[1:])) or _is_doer(words)
        return words if holds else None
    at = at or _verb_at(words, is_name)
    if at is None or at >= len(words):
        return None
    is_verb = low(words[at]) in VERBS or _plain(words[at])
    return _with_verb(aux, words, at, denied) if is_verb else None


def _is_doer(words: Words) -> bool:
    return low(words[0]) in PRONOUNS and len(words) > 1 and _plain(words[1])


def _plain(word: str) -> bool:
    core = low(word)
    return core.isalpha() and core.isascii() and word[:1].islower()


def _with_verb(aux: str, words: Words, at: int, denied: bool) -> Words | None:
    subject, verb, rest = words[:at], words[at], words[at + 1 :]
    if subject and low(subject[-1]) == "not":
        subject, denied = subject[:-1], True
    if denied:
        return [*subject, aux, "not", verb, *rest]
    if aux in ("does", "did"):
        core = low(verb)
        if aux == "did" and core not in VERBS:
            return None
        form = third_person if aux == "does" else past
        others = _coordinated_verbs(rest, form)
        return None if others is None else [*subject, _replaced(verb, form(core)), *others]
    if aux == "do":
        return words
    adverbs: Words = []
    while len(subject) > 1 and low(subject[-1]) in ADVERBS:
        adverbs.insert(0, subject.pop())
    return [*subject, aux, *adverbs, verb, *rest]


def _coordinated_verbs(rest: Words, form: Callable[[str], str]) -> Words | None:
    """Return what follows the main verb, with coordinated verbs (`and give`) in its form."""
    words = list(rest)
    for at in range(1, len(words)):
        if low(words[at - 1]) in _LINKS and low(words[at]) in word_set(
            "just only simply then also"
        ):
            verb = at + 1
        elif low(words[at - 1]) in _LINKS:
            verb = at
        else:
            continue
        if verb >= len(words) or (core := low(words[verb])) not in VERBS - AUXILIARIES:
            continue
        following = low(words[verb + 1]) if verb + 1 < len(words) else ""
        beside_it = at == 1 and not following
        if core in EITHER and following not in _FOLLOWS_VERB and not beside_it:
            continue
        between = [low(word) for word in words[: at - 1]]
        if any(word in VERBS or word in AUXILIARIES or word == "to" for word in between):
            return None
        words[verb] = _replaced(words[verb], form(core))
    return words


def _verb_at(words: Words, is_name: IsName) -> int | None:
    """Return the index of the main verb (base form) of an inverted question; None if unsure."""
    first = low(words[0])
    following = low(words[1]) if len(words) > 1 else ""
    described = first in ("one", "people") and following not in VERBS | ADVERBS
    if described or following in RELATIVES:
        first = ""
    if (first in PRONOUNS or is_name(words[0])) and not words[0].endswith(("'s", "’s", ",")):
        at = 1
        while at < len(words) and low(words[at]) in ADVERBS | word_set("all both each"):
            at += 1
        if at < len(words) and low(words[at]) in VERBS | {"be", "have"}:
            return at
        if first in PRONOUNS:
            return at if at < len(words) and _plain(words[at]) else None
    if first in POINTERS and len(words) > 1 and low(words[1]) in VERBS:
        return 1
    unsure: list[int] = []
    for at in range(1, min(len(words), _LONGEST_SUBJECT)):
        core, before = low(words[at]), low(words[at - 1])
        if words[at - 1].endswith((",", ";", ":")):
            return None
        if core in AUXILIARIES - {"do", "have"} and before not in RELATIVES:
            return None
        if core in _BOUNDARIES:
            break
        if core not in VERBS | {"be", "have"} or before in _UNFINISHED - {"not"}:
            continue
        if before in ADJECTIVES - {"same", "one"} and core in EITHER:
            continue
        if core not in EITHER or before in ADVERBS:
            return at
        if unsure:
            return None
        following = low(words[at + 1]) if at + 1 < len(words) else ""
        if not following or following in _FOLLOWS_VERB or words[at + 1][0].isdigit():
            return at
        if is_name(words[at + 1]) or _COMPARATIVE.match(following):
            return at
        if core in _SEEMING and following in ADJECTIVES:
            return at
        unsure.append(at)
    return unsure[0] if unsure else None


def _predicate_at(words: Words, is_name: IsName) -> int | None:
    """Return the index of the predicate after a form of `be`; None if unsure."""
    first = low(words[0])
    following = low(words[1]) if len(words) > 1 else ""
    if first in QUESTION_WORDS:
        return None  # `is what I see real`
    if first in PRONOUNS - {"people", "one"}:
        described = first.endswith("thing") and following in ADJECTIVES
        return None if described or following in RELATIVES else 1
    if first in POINTERS and (not following or following in _predicates(words, 1)):
        return 1
    if is_name(words[0]) and not words[0].endswith(("'s", "’s")):
        at = 1
        while at + 1 < len(words) and low(words[at]) in ("and", "or") and is_name(words[at + 1]):
            at += 2
        if at >= len(words):
            return at
        if _begins_predicate(words, at) or low(words[at]) in PREPOSITIONS - {"of"}:
            return at
    for at in range(1, min(len(words), _LONGEST_SUBJECT)):
        before = low(words[at - 1])
        if words[at - 1].endswith((",", ";", ":")):
            return None
        if before in _UNFINISHED or (at == 1 and (before.endswith("ing") or before in ADVERBS)):
            continue
        if low(words[at]) in AUXILIARIES | RELATIVES:
            return None
        if _begins_predicate(words, at):
            return at
    return None


def _predicates(words: Words, at: int) -> frozenset[str] | set[str]:
    core = low(words[at])
    return {core} if _begins_predicate(words, at) else set()


def _begins_predicate(words: Words, at: int) -> bool:
    core = low(words[at])
    following = low(words[at + 1]) if at + 1 < len(words) else ""
    closed = (
        not following
        or words[at].endswith(",")
        or following in PREPOSITIONS | CONJUNCTIONS | _CLOSING
    )
    if core in ADVERBS | QUESTION_WORDS:
        return True
    if core in DEGREES | {"more", "less"}:
        return bool(following)
    if core in DETERMINERS - POINTERS | POSSESSIVES or (core == "open" and following == "source"):
        return True
    if core in ADJECTIVES or (_COMPARATIVE.match(core) and following == "than"):
        return closed or following in ADVERBS | DEGREES
    if is_participle(core):
        return closed or following in ADVERBS | DETERMINERS | POSSESSIVES | QUESTION_WORDS | {
            "like"
        }
    return core == "going" and following == "to"


def _participle_at(words: Words, is_name: IsName) -> int | None:
    """Return the index of the participle after a form of `have`; None if unsure."""
    for at in range(1, min(len(words), _LONGEST_SUBJECT)):
        core, before = low(words[at]), low(words[at - 1])
        if words[at - 1].endswith(","):
            return None
        if before in _UNFINISHED:
            continue
        if core in ADVERBS or core == "been" or is_participle(core):
            return at
    return None


def _is_one_phrase(words: Words) -> bool:
    """Check whether the words seem to be a single noun phrase."""
    return not any(
        low(word) in AUXILIARIES | QUESTION_WORDS | RELATIVES
        or word.endswith((",", ";", ":"))
        or (at > 1 and is_participle(low(word)))
        for at, word in enumerate(words)
    )


def has_verb(words: Words) -> bool:
    """Check whether the words seem to hold a finite verb."""
    return any(_is_tensed(words, at) for at in range(len(words)))


def _is_tensed(words: Words, at: int) -> bool:
    core = low(words[at])
    if is_finite(core):
        return True
    before = low(words[at - 1]) if at else ""
    if core in VERBS and before in PRONOUNS - {"people"} | ADVERBS:
        return at > 1 or before in PRONOUNS
    following = low(words[at + 1]) if at + 1 < len(words) else ""
    behind = following in _FOLLOWS_VERB | ADJECTIVES or following[:1].isdigit()
    if core in VERBS and before.endswith("s") and before not in _UNFINISHED | {"this"}:
        return at > 1 and (behind or core not in EITHER)
    if not is_third_person(core):
        return False
    plain_subject = at == 2 and low(words[0]) in DETERMINERS | POSSESSIVES and bool(following)
    return at > 0 and (behind or plain_subject)


# --- statements -----------------------------------------------------------------------------------


_BEGINNINGS = PRONOUNS | DETERMINERS | POSSESSIVES | PREPOSITIONS | CONJUNCTIONS


def is_statement(words: Words, is_name: IsName) -> bool:
    """Check whether the words are certainly a whole statement."""
    first = low(words[0])
    if len(words) < (2 if first in PRONOUNS else 3) or first == "no":
        return False
    if first in QUESTION_WORDS - {"when"} | AUXILIARIES:
        return False
    if first == "when" and low(words[1]) in AUXILIARIES:
        return False
    if first in VERBS and not is_name(words[0]):
        return False  # an order
    tensed = [low(word) for at, word in enumerate(words) if _is_tensed(words, at)]
    if first in _BEGINNINGS or is_name(words[0]):
        return bool(tensed)
    return not all(map(is_participle, tensed))  # `memory needed for it` is no statement
