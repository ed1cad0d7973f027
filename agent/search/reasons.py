"""Reasons for a match, in words for the reader."""

from __future__ import annotations

from collections.abc import Sequence

from agent.search.bags import FIELD_WEIGHTS
from agent.search.stems import stems_of, words

NEAR = 0.3
"""Minimum cosine worth mentioning."""
_MOST_WORDS = 8
_MOST_CHARACTERS = 90
_PLAIN = frozenset(("task", "summary", "inputs", "outputs", "weights", "licence"))


def shared_words(shared: Sequence[tuple[str, tuple[str, ...]]], query: str) -> str:
    """Return the fields and words shared with a question, such as `task and claims share: blur`.

    Args:
        shared: stems with their fields, at least one.
        query: the question, whose words represent the stems.
    """
    spellings = {stem: word.lower() for word in reversed(words(query)) for stem in stems_of(word)}
    terms = list(dict.fromkeys(spellings.get(stem, stem) for stem, _ in shared))
    fields = [field for field in FIELD_WEIGHTS if any(field in places for _, places in shared)]
    one = len(fields) == 1 and not fields[0].endswith("s")
    field_names = " and ".join(filter(None, (", ".join(fields[:-1]), fields[-1])))
    return f"{field_names} {'shares' if one else 'share'}: {', '.join(terms[:_MOST_WORDS])}"


def near_text(field: str, text: str, cosine: float) -> str:
    """Return the text nearest in meaning, such as `meaning close to its task (0.61)`.

    Args:
        field: field as in `semantic.texts_of`.
        text: the text of that field.
    """
    if field == "card":
        subject = "what its card says as a whole"
    elif field in _PLAIN:
        subject = f"its {field}"
    else:
        cut = text[: _MOST_CHARACTERS - 1].rsplit(" ", 1)[0]
        short = text if len(text) <= _MOST_CHARACTERS else f"{cut} …"
        subject = f"{'the example question' if field == 'example' else 'what it says:'} “{short}”"
    return f"meaning close to {subject} ({cosine:.2f})"
