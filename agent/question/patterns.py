"""Sets of words and regular expressions from the values of language files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from agent.errors import ConfigError
from agent.question.languages import languages
from agent.question.languages.values import Patterns, Section
from agent.question.words import fold, is_ideograph

_GROUP = re.compile(r"(?<!\\)\((?!\?)")
_PART = re.compile(r"<([a-z]+)>")
_SOME = r"(?:\w{1,20} ){0,4}"


def folded(words: Iterable[str]) -> frozenset[str]:
    """Return the words folded like `Word.text`."""
    return frozenset(map(fold, words))


def either(patterns: Iterable[str]) -> str:
    """Return a group that matches any of the patterns, or nothing if there are none."""
    return "(?:" + _GROUP.sub("(?:", "|".join(patterns) or "(?!)") + ")"


def plain(patterns: Iterable[str]) -> str:
    """Return such a group for text without case and accents."""
    return either(map(fold, patterns))


def phrases(patterns: Iterable[str], **parts: str) -> str:
    """Return such a group for `Sentence.folded_text`, with `parts` in place of their `<names>`."""
    parts["some"] = _SOME

    def substitute(match: re.Match[str]) -> str:
        if match[1] not in parts:
            legal = ", ".join(f"<{name}>" for name in parts)
            raise ConfigError(f"a pattern holds {match[0]}; expected one of {legal}")
        return parts[match[1]]

    return _PART.sub(substitute, plain(map(_spaced, patterns)))


def _spaced(pattern: str) -> str:
    """Insert spaces between Chinese characters of a pattern, as in a folded sentence."""
    spaced = ""
    for character, following in pairwise(pattern + "\0"):
        spaced += character
        is_joined = is_ideograph(character) and (is_ideograph(following) or following == "(")
        if is_joined or (character == ")" and is_ideograph(following)):
            spaced += " "
    return spaced


def compiled(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Compile a regular expression from the results of the functions above.

    Raises:
        ConfigError: for an invalid one; the message names the file and the entry.
    """
    try:
        return re.compile(pattern, flags)
    except re.error as error:
        raise ConfigError(
            _culprit() or f"{pattern!r} is not a valid regular expression: {error}"
        ) from None


def _culprit() -> str | None:
    for language in languages().each:
        for key, section in vars(language).items():
            for name, entries in vars(section).items() if isinstance(section, Section) else ():
                if isinstance(entries, Patterns) and (fault := _fault_in(entries)):
                    return f"{language.code}.yaml: {key}.{name}: {fault}"
    return None


def _fault_in(entries: Patterns) -> str | None:
    for entry in entries:
        try:
            re.compile(either([entry]))
        except re.error as error:
            return f"{entry!r} is not a valid regular expression: {error}"
    return None
