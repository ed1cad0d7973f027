"""Find the cards that a text names: by name, alias, title, id, arXiv id, link or misspelling.

Knows spellings, nothing of meaning. A name made of ordinary words only, such as `Whisper` or
`image_feature_vector`, counts only where it is written exactly so; any other counts however its
parts are joined and capitalised. `+` is a word of a name: MIMO-UNet and MIMO-UNet+ differ.
"""

from __future__ import annotations

import json
import re
import sqlite3
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agent.files.database import create
from agent.files.words import ordinary_words
from agent.question.words import fold
from agent.references import references_in
from agent.types import Card

KINDS = ("link", "arXiv id", "name", "alias", "title", "id", "variant")
LENGTHS = 5, 40
"""Fewest and most letters of a name that a misspelling may stand for."""
MOST_SLIPS = 2
"""Most wrong letters in a misspelling; one in a short name."""
LONGEST = 8
"""Most words of a name that are compared: its first eight identify a longer title."""
SHORT = 4
"""Fewest ordinary words that form a name which prose would not contain by chance."""
# Chinese, Japanese and Korean letters follow a name without a space.
_WORD = re.compile(r"[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+\+*")
_VERSION = re.compile(r"v\d+$")
_PAGE = re.compile(r"://|www\.|\w\.[a-z]{2,4}/", re.IGNORECASE)
_REPOSITORY = re.compile(r"\W*([\w.-]+)/[\w.-]+\W*")
_FACTOR = re.compile(r"\d{1,2}[xX][-_]")
_AFTER_FACTOR = re.compile(r"^\d{1,2}x(?=.)")
LONGEST_ADDRESS = 500
"""Most characters of a word that is checked for being a link without `://`."""
_ENDINGS = ("", "s", "ed", "er", "ers", "ing", "ation")
_MOST_MISSPELT = 24
"""Most groups of words in a text that are tried as misspelt names."""


@dataclass(frozen=True, slots=True)
class NameHit:
    """A card that a text names."""

    card: int
    kind: str
    """One of `KINDS`, or `misspelling`."""
    text: str
    """As written in the text."""


@dataclass(frozen=True, slots=True)
class _Token:
    key: str
    start: int
    end: int


def _tokens(text: str) -> list[_Token]:
    return [_Token(_key(m[0]), m.start(), m.end()) for m in _WORD.finditer(text)]


def _key(word: str) -> str:
    bare = fold(word.rstrip("+"))
    return bare + "plus" * (len(word) - len(word.rstrip("+")))


def _base(key: str) -> str:
    while key.endswith("plus"):
        key = key.removesuffix("plus")
    return key


#: Words as they stand in a text, the keys that they may be known by, and without `plus`.
_Spelt = tuple[str, tuple[str, ...], str]


def _spelt(text: str, tokens: Sequence[_Token]) -> list[_Spelt]:
    """Spell out the first word, the first two, and so on, up to all."""
    spellings: list[_Spelt] = []
    key = ""
    for number, token in enumerate(tokens, 1):
        spelling = text[tokens[0].start : token.end]
        key += token.key
        spellings.append(
            (spelling, (key, f"={spelling}") if number < SHORT else (key,), _base(key))
        )
    return spellings


def _is_word(text: str) -> bool:
    return text.isdigit() or text in ordinary_words()


def _is_ordinary(key: str) -> bool:
    return any(key.endswith(ending) and _is_word(key.removesuffix(ending)) for ending in _ENDINGS)


def _spellings(name: str, kind: str) -> Iterator[tuple[str, str]]:
    """Yield the keys that find a name, each with its kind."""
    tokens = _tokens(name)[:LONGEST]
    key = "".join(token.key for token in tokens)
    if len(tokens) < SHORT and (len(key) < 3 or all(_is_ordinary(token.key) for token in tokens)):
        if not name.islower() or re.search(r"[-_.+]", name):
            yield f"={name}", kind
        return
    yield key, kind
    if (base := _base(key)) != key and len(base) > 3 and kind in ("name", "alias"):
        yield base, "variant"


def _keys(card: Card) -> Iterator[tuple[str, str]]:
    yield from _spellings(card.name, "name")
    yield from _spellings(card.id, "id")
    for alias in card.aliases:
        yield from _spellings(alias, "alias")
    if card.title:
        yield from _spellings(card.title, "title")
        head, colon, _ = card.title.partition(":")
        if colon:
            yield from _spellings(head, "title")
    if card.arxiv:
        yield f"arxiv:{_VERSION.sub('', card.arxiv)}", "arXiv id"
    for link in card.links.values():
        yield from _link_keys(link)


def _link_keys(text: str) -> Iterator[tuple[str, str]]:
    """Yield the references of a text as keys; a page in a repository stands for that too."""
    for reference in sorted(references_in(text)):
        yield reference, "arXiv id" if reference.startswith("arxiv:") else "link"
        if inside := re.match(r"url:github\.com/([^/?]+/[^/?]+)/", reference):
            yield f"repo:{inside[1].lower()}", "link"


def build(database: sqlite3.Connection, cards: Iterable[Card]) -> None:
    """Create the table of names, and an index over those that a misspelling may stand for."""
    database.execute(
        "CREATE TABLE names"
        "(key TEXT, kind INTEGER, card INTEGER, PRIMARY KEY (key, kind, card)) WITHOUT ROWID"
    )
    rows = (
        (key, KINDS.index(kind), number)
        for number, card in enumerate(cards)
        for key, kind in _keys(card)
    )
    database.executemany("INSERT OR IGNORE INTO names VALUES (?, ?, ?)", rows)
    database.execute(f"CREATE INDEX ends ON names ({_ENDS}, length(key)) WHERE {_MISSPELT}")


_ENDS = "substr(key, 1, 1) || substr(key, -1)"
_MISSPELT = "kind IN ({}) AND length(key) BETWEEN {} AND {} AND key NOT LIKE '=%'".format(
    ", ".join(str(KINDS.index(kind)) for kind in ("name", "alias", "id")), *LENGTHS
)
#: A slip is inside a name: its ends are right, and its length is so within two letters.
_SIMILAR = (
    f"SELECT key, card FROM names WHERE {_MISSPELT} AND {_ENDS} = ? AND length(key) BETWEEN ? AND ?"
)


class Names:
    """Search in the table of names."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    @classmethod
    def of(cls, cards: Iterable[Card]) -> Names:
        """Build the names of a few cards in memory."""
        database = create()
        build(database, cards)
        return cls(database)

    def find(self, text: str, is_known: Callable[[str], bool] = lambda _: False) -> list[NameHit]:
        """Return the cards that a text names, each once: links and ids first, then in text order.

        Args:
            is_known: whether a word is used elsewhere in the registry, so is no misspelt name.
        """
        text = unicodedata.normalize("NFKC", text)
        hits = [hit for key, _ in _link_keys(text) for hit in self._at(key, key)]
        text = " ".join(word for word in text.split() if not self._is_address(word))
        tokens, rest = _tokens(text), list[_Token]()
        spelt = [_spelt(text, tokens[i : i + LONGEST]) for i in range(len(tokens))]
        known_keys = self._known_keys(
            {key for s in spelt for _, keys, base in s for key in (*keys, base)}
        )
        i = 0
        while i < len(tokens):
            length, longest = self._longest(spelt[i], known_keys)
            if i and _is_factor(text[tokens[i - 1].start : tokens[i].start]):
                longest = [hit for hit in longest if hit.kind != "title"]
            hits += longest
            if not longest:
                rest.append(tokens[i])
            i += length
        hits += self._misspelt(text, rest, is_known)
        first: dict[int, NameHit] = {}
        for hit in hits:
            first.setdefault(hit.card, hit)
        return list(first.values())

    def _is_address(self, word: str) -> bool:
        """Check for a link or repository, whose parts name nothing by themselves.

        A slash may as well join alternatives, as in `FeatSharp/LLaVAR`: its owner is then a name
        or an ordinary word.
        """
        if "/" not in word and "." not in word:
            return False
        if len(word) > LONGEST_ADDRESS:  # prose without spaces, such as Chinese, or nonsense
            return "://" in word
        if _PAGE.search(word):
            return True
        repository = _REPOSITORY.fullmatch(word)
        owner = repository[1] if repository else ""
        if not any(map(str.isalnum, owner)) or _is_word(owner.lower()):
            return False
        return not self._at(_key(owner), owner)

    def _at(self, key: str, text: str) -> list[NameHit]:
        rows = self._database.execute(
            "SELECT kind, card FROM names WHERE key = ? ORDER BY kind, card", (key,)
        )
        return [NameHit(card, KINDS[kind], text) for kind, card in rows]

    def _known_keys(self, keys: Collection[str]) -> frozenset[str]:
        """Return the keys that are in the table."""
        rows = self._database.execute(
            "SELECT DISTINCT key FROM names WHERE key IN (SELECT value FROM json_each(?))",
            (json.dumps(list(keys)),),
        )
        return frozenset(key for (key,) in rows)

    def _longest(
        self, spelt: Sequence[_Spelt], known_keys: Collection[str]
    ) -> tuple[int, list[NameHit]]:
        """Return the number of words, at least 1, and the cards of the longest name at the start.

        Args:
            spelt: its first words, its first two, and so on.
        """
        variants: tuple[int, list[NameHit]] = (1, [])
        for length in range(len(spelt), 0, -1):
            spelling, keys, base = spelt[length - 1]
            hits = [hit for key in keys if key in known_keys for hit in self._at(key, spelling)]
            if exact := [hit for hit in hits if hit.kind != "variant"]:
                return length, exact
            if base in known_keys and not hits:
                hits = self._at(base, spelling)
            if hits and not variants[1]:
                variants = length, [replace(hit, kind="variant") for hit in hits]
        return variants

    # --- misspellings -----------------------------------------------------------------------

    def _misspelt(
        self, text: str, tokens: Sequence[_Token], is_known: Callable[[str], bool]
    ) -> list[NameHit]:
        """Return the cards whose names the text misspells, trying words that look like a name."""
        odd = {t.start for t in tokens if _looks_like_name(text[t.start : t.end], t.key, is_known)}
        groups = [
            tokens[i : i + length]
            for i in range(len(tokens))
            for length in (4, 3, 2, 1)
            if odd.intersection(t.start for t in tokens[i : i + length])
            and len(tokens[i : i + length]) == length
        ]
        hits: list[NameHit] = []
        for group in groups[:_MOST_MISSPELT]:
            spelling = text[group[0].start : group[-1].end]
            if len(spelling) <= sum(len(t.key) for t in group) + len(group):
                hits += self._nearest("".join(t.key for t in group), spelling)
        return hits

    def _nearest(self, key: str, spelling: str) -> list[NameHit]:
        """Return the cards whose name differs from the key by one or two slips inside it.

        A longer or shorter ending, another last letter, other digits or plus signs make the name
        of another model, not a misspelling: LLaVA is not LLaVAR.
        """
        from rapidfuzz.distance import OSA

        shortest, longest = LENGTHS
        if not shortest <= len(key) <= longest:
            return []
        similar = (key[0] + key[-1], len(key) - MOST_SLIPS, len(key) + MOST_SLIPS)
        best: list[tuple[int, int]] = []
        for name, card in self._database.execute(_SIMILAR, similar):
            slips = 1 if len(name) < 9 else MOST_SLIPS
            distance = OSA.distance(key, name, score_cutoff=slips)
            if distance <= slips and _is_slip(key, name):
                best.append((distance, card))
        nearest = min(best, default=(0, 0))[0]
        return [
            NameHit(card, "misspelling", spelling)
            for distance, card in sorted(set(best))
            if distance == nearest
        ]


def _is_factor(before: str) -> bool:
    """Check for a factor before a name, which makes it another model's: `8x-` before `BSRGAN`, the
    title of `4x-BSRGAN`."""
    return _FACTOR.fullmatch(before) is not None


def _looks_like_name(spelling: str, key: str, is_known: Callable[[str], bool]) -> bool:
    if re.search(r"[a-z][A-Z]|\d|\+|[A-Z]{2}", spelling):
        return True
    return not _is_ordinary(key) and not is_known(spelling)


def _is_slip(key: str, name: str) -> bool:
    """Check whether two similar keys can be one name, see `Names._nearest`."""
    if key.startswith(name) or name.startswith(key) or key.endswith(name) or name.endswith(key):
        return False
    same_marks = re.sub(r"\D", "", key) == re.sub(r"\D", "", name)
    same_plus = len(key) - len(_base(key)) == len(name) - len(_base(name))
    first, begins = (_AFTER_FACTOR.sub("", text)[:1] for text in (key, name))
    return same_marks and same_plus and first == begins and key[-1] == name[-1]
