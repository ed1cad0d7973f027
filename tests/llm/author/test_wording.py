"""What a model's own words may say."""

from __future__ import annotations

import pytest

from agent.llm.author import wording


@pytest.mark.parametrize(
    ("own", "kind"),
    [
        ("It has 3 steps.", "number of its own"),
        ("It has ９ steps.", "number of its own"),
        ("It has ² steps.", "number of its own"),
        ("It has Ⅻ steps.", "number of its own"),
        ("See https://evil.test/x.", "link or markup of its own"),
        ("See evil.com for it.", "link or markup of its own"),
        ("See arxiv.org for it.", "link or markup of its own"),
        ("See who/net for it.", "link or markup of its own"),
        ("![x](y)", "link or markup of its own"),
        ("<b>bold</b>", "link or markup of its own"),
        ("a &amp; b", "link or markup of its own"),
        ("a `code` b", "link or markup of its own"),
        ("*very* good", "link or markup of its own"),
        ("mail me@there", "link or markup of its own"),
        ("a \x1b[31m b", "invisible or mixed characters"),
        ("a \u202e b", "invisible or mixed characters"),
        ("a\u200bb", "invisible or mixed characters"),
        ("a\U000e0041b", "invisible or mixed characters"),
        ("МIMO is good", "invisible or mixed characters"),
        ("𝐛𝐨𝐥𝐝 words", "invisible or mixed characters"),
        ("x" * 1_501, "reply cut off or too long"),
    ],
)
def test_what_no_text_may_hold(own, kind):
    assert kind in {fault.kind for fault in wording.faults_of_form(own)}


@pytest.mark.parametrize(
    "own",
    [
        "The picture stays sharp, since edges are left alone.",
        "Das Bild bleibt scharf – Kanten werden kaum verändert.",
        "L’image reste nette; c’est ainsi.",
        "画像は鮮明なままです。",
        "Изображение остаётся резким.",
    ],
)
def test_plain_sentences_pass(own):
    assert wording.faults_of_form(own) == []


@pytest.mark.parametrize(
    "own",
    [
        "I ran the model.", "We measured it.", "The model was run on your picture.",
        "It was tested on your image.", "Ich habe es ausgeführt.", "Das Netz wurde ausgeführt.",
        "Nous avons mesuré.", "El modelo fue ejecutado.", "Il modello è stato eseguito.",
        "O modelo foi executado.", "Het model is uitgevoerd.", "Модель была запущена.",
        "模型已经运行。", "モデルを実行しました。",
    ],
)  # fmt: skip
def test_claims_of_having_run_something_are_noticed(own):
    assert wording.claims_a_run(own, ["MIMO-UNet+ was tested on GoPro."])


def test_what_the_literature_tested_may_be_told():
    assert not wording.claims_a_run("MIMO-UNet+ was tested on GoPro.", ["It was tested on GoPro."])
    assert wording.claims_a_run("MIMO-UNet+ was tested on GoPro.", ["It is good."])


def test_words_are_compared_by_their_stems():
    sources = ["The decoder restores edges and letters last."]
    assert wording.own_words("So letters and an edge get restored by the decoder.", sources) == []
    assert wording.own_words("The decoder invents letters.", sources) == ["invents"]
    assert wording.own_words("It adds, added, enlarges", ["adding and to enlarge"]) == []
    assert wording.own_words("sharp", ["to share"]) == ["sharp"]


def test_names_come_from_the_sources():
    assert wording.foreign_names("NAFNet is better.", ["NetOne is good."]) == ["NAFNet"]
    assert wording.foreign_names("NAFNet is better.", ["NAFNet is good."]) == []


@pytest.mark.parametrize(
    "own", ["vier Millionen Parameter", "cinq mille", "三百万", "dos millones"]
)
def test_numbers_in_words_are_noticed_in_other_languages(own):
    assert wording.number_words(own)


def test_a_sentence_in_another_language_is_noticed():
    assert wording.other_languages("Das ist gut. The model was made by them.", "de")
    assert not wording.other_languages("Das Bild bleibt scharf, weil die Kanten bleiben.", "de")
