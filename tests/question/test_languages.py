"""The files of languages: each is complete, a new one is a language, and a faulty one is told."""

from __future__ import annotations

import re
import shutil
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agent.errors import ConfigError
from agent.question import languages as package
from agent.question.language import detect
from agent.question.languages import FOLDER, language_in, languages, read
from agent.question.languages.schema import Language
from agent.question.languages.values import Patterns, Section, Words
from agent.question.lexicon import TAGS
from agent.question.parse import parse
from agent.question.patterns import phrases
from agent.question.words import fold, pattern_of, words
from agent.systems.catalogue import OPERATIONS

EACH = pytest.mark.parametrize("language", languages().each, ids=lambda one: one.code)
_SCRIPTS = {unicodedata.name(chr(c), "").partition(" ")[0] for c in range(sys.maxunicode)}

ESPERANTO = """\
code: eo
english: Esperanto
name: Esperanto
example: Kial la randoj restis akraj?
detection:
  words: la de kaj estas ne kial kiel mia mian ĝi post kiam sen por mi
tags:
  text: tekst*, legebl*
  blur: malklar*
operations:
  enlarge: pligrandig*, pli .. granda
politeness:
  greetings:
    - saluton
  thanks:
    - (multan )?dankon
asking:
  explain:
    - kial|klarigu
naming:
  pictures: foto foton bildo bildon
  own: mia mian
enlarging:
  enlarging:
    - pligrandig
  numbers: {tri: 3, kvar: 4}
  multiples: {triobl: 3}
  endings: e
  times:
    - fojojn
"""


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Have questions read in the languages of another folder."""

    def change(folder: Path) -> None:
        monkeypatch.setattr(package, "FOLDER", folder)
        languages.cache_clear()

    yield change
    languages.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the folder of languages."""
    return shutil.copytree(FOLDER, tmp_path / "languages", ignore=shutil.ignore_patterns("*.py*"))


#: What is matched as it is written, not word by word.
_AS_WRITTEN = ("abbreviations", "detection.letters", "telling.")


def _values(section: Section, path: str = "") -> Iterator[tuple[str, object]]:
    for key, value in vars(section).items():
        if isinstance(value, Section):
            yield from _values(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


# --- the files that there are -------------------------------------------------------------------


@EACH
def test_it_is_told_from_others_by_its_own_example(language: Language) -> None:
    assert detect(language.example) == language.code
    assert language.english and language.name


@EACH
def test_what_it_is_recognised_by_can_occur(language: Language) -> None:
    signs = language.detection
    assert {*signs.scripts, *signs.decisive} <= _SCRIPTS
    assert all(word == word.casefold() and word.isalpha() for word in signs.words)
    assert all(len(letter) == 1 for letter in signs.letters)


@EACH
def test_its_tags_and_operations_are_there_and_can_be_triggered(language: Language) -> None:
    assert dict(language.tags).keys() <= TAGS.keys()
    assert dict(language.operations).keys() <= OPERATIONS.keys()
    for _, triggers in (*language.tags, *language.operations, ("", language.idioms)):
        assert len({pattern_of(trigger) for trigger in triggers}) == len(triggers)


@EACH
def test_its_words_and_patterns_can_match(language: Language) -> None:
    parts = dict.fromkeys(("better", "system", "mine", "here", "judged"), "part")
    for path, value in _values(language):
        if isinstance(value, Patterns):
            assert all(re.compile(phrases([entry], **parts)) for entry in value), path
        elif type(value) is Words and not path.startswith(_AS_WRITTEN):
            assert all(len(words(word)) == 1 for word in value), path
            assert len(set(map(fold, value))) == len(value), path


def test_english_leaves_the_words_for_tools_to_the_tools() -> None:
    english = language_in(FOLDER / "en.yaml")
    assert english.tags and not english.operations


def test_no_two_languages_have_one_rank() -> None:
    ranks = [one.rank for one in languages().each if one.rank != Language.rank]
    assert len(set(ranks)) == len(ranks)
    assert languages().each[0].code == "en"


# --- a new one ----------------------------------------------------------------------------------


def test_a_file_dropped_into_the_folder_is_a_language(
    folder: Path, use: Callable[[Path], None]
) -> None:
    question = (
        "Saluton, mi pligrandigis mian foton trioble. Kial la teksto estas legebla sen malklaro? "
        "Multan dankon!"
    )
    assert parse(question).operation is None and detect(question) != "eo"
    (folder / "eo.yaml").write_text(ESPERANTO, "utf-8")
    use(folder)
    parsed = parse(question)
    assert (parsed.language, parsed.intent) == ("eo", "explain")
    assert (parsed.operation, parsed.factor, parsed.subject) == ("enlarge", 3, "mian foton")
    assert parsed.effects == ("text", "blur")
    assert parse("Mi pligrandigis bildon kvar fojojn").factor == 4
    assert detect(language_in(folder / "eo.yaml").example) == "eo"


def test_a_new_language_changes_no_question_in_others(
    folder: Path, use: Callable[[Path], None]
) -> None:
    asked = [
        *(one.example for one in languages().each if one.tags),
        "I enlarged a web image by 3×. Why is its text readable, without blur?",
        "Ich habe mein Foto um das Dreifache vergrößert. Warum ist der Text lesbar?",
        "我把一张网页图片放大了3倍，文字可读。为什么没有模糊？",
    ]
    before = [parse(question) for question in asked]
    (folder / "eo.yaml").write_text(ESPERANTO, "utf-8")
    use(folder)
    assert [parse(question) for question in asked] == before


def test_words_of_any_script_can_trigger(folder: Path, use: Callable[[Path], None]) -> None:
    with (folder / "uk.yaml").open("a", encoding="utf-8") as file:
        file.write("\ntags:\n  blur: розмит*\noperations:\n  enlarge: збільш*\n")
    use(folder)
    parsed = parse("Чому збільшене зображення не розмите і як це сталося?")
    assert (parsed.operation, parsed.effects, parsed.language) == ("enlarge", ("blur",), "uk")


# --- a faulty one -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("code: eo", "code: xx", "eo.yaml, line 1: the code is 'xx'; expected 'eo'"),
        ("name: Esperanto\n", "", "eo.yaml, line 1: name is missing"),
        ("name: Esperanto", "name:", "eo.yaml, line 3: expected text"),
        ("detection:\n  words:", "detection:\n  letters:", "nothing distinguishes the language"),
        ("example:", "rank: first\nexample:", "line 4: expected a whole number, got 'first'"),
        ("tags:", "tag:", "eo.yaml, line 7: there is no key 'tag' here; expected tags, operations"),
        ("  own: mia", "  owns: mia", "eo.yaml, line 22: there is no key 'owns' here"),
        ("text: tekst*", "txt: tekst*", "eo.yaml: there is no tag 'txt'; expected one of edges"),
        ("enlarge: plig", "grow: plig", "eo.yaml: there is no operation 'grow'; expected one of"),
        ("  blur: malklar*", "  text: malklar*", "line 8: 'text' appears twice"),
        ("own: mia mian", "own: mia mia", "line 22: 'mia' appears twice"),
        ("tekst*, legebl*", "tekst*,, legebl*", "line 8: an entry is empty"),
        ("tekst*, legebl*", "tekst*/legebl*", "'tekst*/legebl*' triggers nothing"),
        ("    - kial|klarigu", "    kial|klarigu", "line 19: expected a list of regular expr"),
        (
            "kial|klarigu",
            "kial|(klarigu",
            "eo.yaml: asking.explain: 'kial|(klarigu' is not a valid",
        ),
        ("kial|klarigu", r"kial\W", r"line 19: a class such as \W would be read as \w"),
        ("kial|klarigu", "kial <who>", "a pattern holds <who>; expected one of <some>"),
        ("kvar: 4", "kvar: four", "line 26: expected a number, got 'four'"),
        ("{tri: 3", "{vier: 3", "'vier' is 4 in one language and 3 in another"),
        ("tags:", "tags: [", "eo.yaml is not valid YAML: "),
        (ESPERANTO, "", "eo.yaml is empty; expected a language"),
        (ESPERANTO, "Esperanto", "eo.yaml, line 1: expected keys with values"),
    ],
)
def test_a_faulty_file_is_told_on_one_line(
    folder: Path, use: Callable[[Path], None], old: str, new: str, message: str
) -> None:
    assert old in ESPERANTO
    (folder / "eo.yaml").write_text(ESPERANTO.replace(old, new, 1), "utf-8")
    use(folder)
    with pytest.raises(ConfigError, match=re.escape(message)) as caught:
        parse("Why is the text of my enlarged photo readable?")
    assert "\n" not in str(caught.value)


def test_a_faulty_lexicon_is_told_when_it_is_needed(tmp_path: Path) -> None:
    text = f"{ESPERANTO}lexicon: |\n  sharp: akra*\n  sharp: klara\n"
    (tmp_path / "eo.yaml").write_text(text, "utf-8")
    language = language_in(tmp_path / "eo.yaml")
    with pytest.raises(ConfigError, match=r"eo\.yaml, line 32: 'sharp' appears twice"):
        assert language.lexicon.table


def test_no_word_is_read_as_something_else(tmp_path: Path) -> None:
    text = ESPERANTO.replace("code: eo", "code: no").replace("mia mian", "yes no on 1_0 null")
    (tmp_path / "no.yaml").write_text(text, "utf-8")
    language = read(tmp_path).each[0]
    assert (language.code, language.naming.own) == ("no", ("yes", "no", "on", "1_0", "null"))
