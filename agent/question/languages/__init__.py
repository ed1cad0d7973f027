"""The languages of questions: one file each in this folder.

`nl.yaml` adds Dutch, without any other change; `agent.question.languages.schema` defines the keys.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from agent.errors import ConfigError
from agent.question.languages.schema import Language, Vocabulary
from agent.question.languages.values import LOADER, refuse

FOLDER = Path(__file__).parent


@dataclass(frozen=True, eq=False)
class Languages:
    """All languages by rank, and the words of all of them."""

    each: tuple[Language, ...]
    vocabulary: Vocabulary


@cache
def languages() -> Languages:
    """Return the languages of this folder, read once and cached.

    Raises:
        ConfigError: for an invalid file.
    """
    return read(FOLDER)


def read(folder: Path) -> Languages:
    """Read the languages of a folder."""
    each = sorted(map(language_in, folder.glob("*.yaml")), key=lambda one: (one.rank, one.code))
    return Languages(tuple(each), Vocabulary.union(each))


def language_in(path: Path) -> Language:
    """Read the language of one file.

    Raises:
        ConfigError: for an invalid file; the message names the line.
    """
    try:
        with path.open("rb") as file:
            node = yaml.compose(file, Loader=LOADER)
    except yaml.YAMLError as error:
        raise ConfigError(
            f"{path.name} is not valid YAML: {' '.join(str(error).split())}"
        ) from None
    if node is None:
        raise ConfigError(f"{path.name} is empty; expected a language")
    language = Language.read(node)
    if missing := [
        key for key in ("code", "english", "name", "example") if not getattr(language, key)
    ]:
        refuse(node, f"{missing[0]} is missing")
    if language.code != path.stem:
        refuse(node, f"the code is {language.code!r}; expected {path.stem!r}, like the file name")
    signs = language.detection
    if not (signs.words or signs.scripts or signs.decisive):
        refuse(node, "nothing distinguishes the language; expected words under detection")
    return language
