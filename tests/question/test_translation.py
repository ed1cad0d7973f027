"""Questions in ten languages put into English word by word, and what is said above the answer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.question.languages import languages
from agent.question.languages.schema import Language
from agent.question.parse import parse
from agent.question.translation import into_english, language_note
from agent.question.words import fold, pattern_of

#: Language, question, the words that have to be in its English, and what kind of answer it wants;
#: no words where it is about something else, of which too little is known to search for it.
QUESTIONS = [
    line.split("\t")
    for line in (Path(__file__).parent / "translations.tsv").read_text("utf-8").splitlines()
]
TRANSLATED = [language for language in languages().each if language.lexicon]
EACH = pytest.mark.parametrize("language", TRANSLATED, ids=lambda one: one.code)


def test_there_are_questions_in_every_language_that_is_translated() -> None:
    asked = [language for language, _, words, _ in QUESTIONS if words]
    assert {one.code for one in TRANSLATED} == set(asked) and len(TRANSLATED) == 10
    assert all(asked.count(one.code) >= 12 for one in TRANSLATED)


@pytest.mark.parametrize(("language", "question", "words", "intent"), QUESTIONS)
def test_a_question_is_put_into_english(
    language: str, question: str, words: str, intent: str
) -> None:
    english = into_english(question, language)
    assert set(words.split()) <= set(english.replace("?", "").replace(".", "").split())
    assert bool(english) == bool(words)


@pytest.mark.parametrize(
    ("question", "intent"), [(question, intent) for _, question, _, intent in QUESTIONS if intent]
)
def test_what_is_wanted_is_read_in_every_language(question: str, intent: str) -> None:
    assert parse(question).intent == intent


def test_a_question_is_read_in_its_own_words_and_in_english() -> None:
    parsed = parse("Ist die KI kostenlos und darf ich sie gewerblich nutzen?")
    assert parsed.search_text == "is AI free and may I commercially use?"
    assert (parsed.language, parsed.intent) == ("de", "verify") and "licence" in parsed.topics
    parsed = parse("Mag ik de gewichten verkopen?")
    assert "sell" in parsed.search_text and {"licence", "weights"} <= {*parsed.topics}
    assert parse("Como posso tirar o desfoque da minha foto?").operation == "deblur"
    assert parse("Is it free, and may I sell what I make?").search_text == ""


def test_words_come_in_the_order_of_the_text() -> None:
    assert (
        into_english("¿Es gratis la IA y puedo usarla comercialmente?", "es")
        == "is free AI and can I use commercially?"
    )
    assert into_english("Schnell? Wie scharf!", "de") == "fast? how sharp."


@pytest.mark.parametrize(
    ("language", "question", "kept"),
    [
        ("de", "Läuft MIMO-UNet+ mit 8 GB VRAM auf der GPU?", ["MIMO-UNet+", "8", "VRAM", "GPU"]),
        ("zh", "LLaVAR在TextVQA上的准确率是48.5%吗？", ["LLaVAR", "48.5%", "accuracy"]),
        ("ja", "GPUで1,024ピクセルの画像は速いですか？", ["GPU", "1,024", "picture"]),
        ("ko", "PSNR이 32.45인 모델은 무엇인가요?", ["PSNR", "32.45", "model"]),
        ("fr", "Une image de 400 × 220 px agrandie 3× est-elle nette ?", ["400 ×", "220", "3×"]),
    ],
)
def test_names_numbers_and_abbreviations_stay(
    language: str, question: str, kept: list[str]
) -> None:
    english = into_english(question, language)
    assert all(piece in english for piece in kept), english


def test_accents_tell_words_apart_and_may_be_left_out() -> None:
    assert "is free" in into_english("La rete è gratuita?", "it")
    assert "and free" in into_english("La rete veloce e gratuita?", "it")
    assert into_english("Por que mi foto quedo tan nitida?", "es") == into_english(
        "¿Por qué mi foto quedó tan nítida?", "es"
    )


def test_capitals_are_no_abbreviations_where_all_is_in_capitals() -> None:
    small = into_english("wie schnell ist das netz auf dem laptop?", "de")
    assert into_english("WIE SCHNELL IST DAS NETZ AUF DEM LAPTOP?", "de") == small


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("", "de"),
        ("???", "ja"),
        ("Foto", "de"),
        ("Why is my photo sharp?", "en"),
        ("Proč je text po zvětšení čitelný?", "cs"),
        ("xqzt", "und"),
    ],
)
def test_nothing_comes_of_what_is_not_understood(question: str, language: str) -> None:
    assert into_english(question, language) == ""


@given(st.text(max_size=200), st.sampled_from([one.code for one in TRANSLATED]))
def test_any_text_can_be_tried(text: str, language: str) -> None:
    english = into_english(text, language)
    assert english == english.strip() and "\n" not in english


@EACH
def test_no_word_has_two_meanings(language: Language) -> None:
    said = [trigger for _, triggers in language.lexicon.table for trigger in triggers]
    said += language.fillers
    assert len(said) == len(set(said)), sorted(t for t in set(said) if said.count(t) > 1)


@EACH
def test_every_word_can_be_met(language: Language) -> None:
    for english, triggers in language.lexicon.table:
        assert english.isascii()
        for trigger in triggers:
            assert pattern_of(trigger)
            met = into_english(f"{trigger.replace('*', '')} MIMO-UNet+ GPU", language.code)
            assert met.split(" MIMO")[0], trigger


@EACH
def test_there_are_enough_words(language: Language) -> None:
    assert sum(len(triggers) for _, triggers in language.lexicon.table) >= 300


# --- the note above an answer -------------------------------------------------------------------


@pytest.mark.parametrize("language", languages().each, ids=lambda one: one.code)
def test_every_language_but_english_is_told_how_to_get_an_answer_in_it(language: Language) -> None:
    note = language_note(language.code)
    if language.code == "en":
        assert note is None
        return
    assert note and "--model" in note and "\n" not in note
    assert (language.english in note) != bool(language.note)


def test_a_note_is_in_the_language_of_the_question() -> None:
    assert language_note("de") == (
        "Ich lese Deutsch, antworte ohne Sprachmodell aber auf Englisch; mit --model kommt die "
        "Antwort auf Deutsch."
    )
    assert language_note("hy") == (
        "The question is in Armenian; without a language model the answer comes in English, with "
        "--model in Armenian."
    )
    assert language_note("und") is None
    assert all(fold(one.name)[:4] in fold(one.note) for one in TRANSLATED if one.code != "ru")
