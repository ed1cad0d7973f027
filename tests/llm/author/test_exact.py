"""What exact rules tell of a sentence: no true paraphrase is refused, and nothing false in numbers,
names, links or runs passes."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from agent.llm.author.exact import faults
from agent.llm.author.sources import Context, Source
from agent.question.names import names_of
from agent.question.quantities import quantities
from agent.registry import load

REGISTRY = load(Path(__file__).parents[3] / "model_registry.yaml")
FACTS = {id: text for card in REGISTRY.cards() for id, text in card.facts().items()}
NAMES = tuple(name for card in REGISTRY.cards() for name in names_of(card))
CLAIMS = sorted(
    f"{card.id}/{claim.id}" for card in REGISTRY.cards() for claim in (*card.claims, *card.limits)
)
FIGURE = re.compile(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w.,]*[A-Za-z])")
ADDED = "MIMO-UNet+ adds a correction to the picture."
WENT = "The median width of strong edges went from 2.93 px to 1.51 px."


def fact(id: str, key: str = "F1") -> Source:
    card = REGISTRY[id.partition("/")[0]]
    return Source(key, FACTS[id], (id,), names=names_of(card))


def kinds(text, *sources, language="en", question="How does it work?"):
    cited = [Source("F1", one) if isinstance(one, str) else one for one in sources]
    found = faults(text, cited, Context(question, language, NAMES))
    return [fault.kind for fault in found]


def measured(text: str) -> Source:
    return Source("M1", text, evidence=("a.width",))


def told(id: str) -> str:
    """A claim in a sentence that is not its own wording, for which all checks are made."""
    return f"So much is certain: {FACTS[id]}"


def lines(name: str) -> list[dict]:
    text = Path(__file__).with_name(name).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]


def faults_of_line(line: dict) -> list:
    cited = [fact(id, f"F{i}") for i, id in enumerate(line["facts"], 1)]
    cited += [measured(text) for text in line.get("measured", ())]
    question = line.get("question", "How does it work?")
    return faults(line["text"], cited, Context(question, line.get("language", "en"), NAMES))


# --- what is true, and what is not ----------------------------------------------------------------


@pytest.mark.parametrize("line", lines("paraphrases.jsonl"), ids=lambda line: line["text"][:60])
def test_a_true_paraphrase_passes(line):
    assert faults_of_line(line) == []


@pytest.mark.parametrize("line", lines("falsehoods.jsonl"), ids=lambda line: line["text"][:60])
def test_a_falsehood_that_exact_rules_can_tell_is_refused(line):
    assert line["fault"] in [fault.kind for fault in faults_of_line(line)]


@pytest.mark.parametrize("id", CLAIMS)
def test_a_claim_word_for_word_passes(id):
    assert kinds(told(id), fact(id)) == []


def test_statements_and_drafts_kept_for_development_pass_where_they_are_true(shared):
    statements = (shared / "data/language_model/statements.jsonl").read_text("utf-8")
    each = [json.loads(line) for line in statements.splitlines()]
    assert not [s for s in each if s["label"] == "supported" and faults_of_line(s)]
    assert all(faults_of_line(s) for s in each if s["kind"] == "wrong-number")
    true = [
        not faults_of_line(dict(sentence, language=draft["language"]))
        for draft in _drafts(shared)
        for sentence in draft["sentences"]
    ]
    assert sum(true) >= 0.95 * len(true) > 100


def _drafts(shared):
    """The recorded drafts, with what their placeholders stand for; sentences about facts only."""
    from agent.question.language import detect

    for line in (shared / "data/language_model/drafts.jsonl").read_text("utf-8").splitlines():
        entry = json.loads(line)
        language = detect(entry["question"])
        sentences = [*entry["draft"]["workflow"], *entry["draft"]["statements"]]
        yield {
            "language": language,
            "sentences": [
                {"text": text, "facts": list(dict.fromkeys((*sentence["facts"], *used)))}
                for sentence in sentences
                if not sentence.get("evidence")
                for text, used in [_expanded(sentence["text"], language)]
            ],
        }


def _expanded(text, language):
    used = []

    def value(found):
        kind, key = found[1], found[2]
        id, _, place = key.partition("#")
        if kind in ("name", "link"):
            return REGISTRY[key.partition("/")[0]].name
        used.append(id)
        if kind == "claim":
            return FACTS[id].rstrip(".")
        number = re.findall(r"\d+(?:[,.]\d+)*", FACTS[id])[int(place) - 1]
        return number.replace(".", ",") if language == "de" else number

    return re.sub(r"\{([a-z]+):([^{}]*)\}", value, text), used


# --- numbers --------------------------------------------------------------------------------------


@given(id=st.sampled_from(CLAIMS), data=st.data())
def test_a_number_changed_in_a_claim_is_refused(id, data):
    text = told(id)
    digits = [
        m.span() for m in re.finditer(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w.,]*[A-Za-z])", text)
    ]
    assume(digits)
    start, end = data.draw(st.sampled_from(digits))
    number = data.draw(st.integers(2, 99_999))
    known = {q.value for q in quantities(FACTS[id])} | {
        q.written_value for q in quantities(FACTS[id])
    }
    close = any(isinstance(k, Fraction) and 0.9 < number / k < 1.1 for k in known if k)
    assume(number not in known and not close)  # a rough figure may be a round one
    share = {Fraction(number, 100), Fraction(number) * 100}
    assume(share.isdisjoint(known))
    assert kinds(f"{text[:start]}{number}{text[end:]}", fact(id))


@pytest.mark.parametrize(
    ("source", "text", "language"),
    [
        ("It gains 19.6 points.", "Es gewinnt 19,6 Punkte.", "de"),
        ("It saw 47,000 pictures.", "Es sah 47.000 Bilder.", "de"),
        ("It saw 47,000 pictures.", "Il a vu 47 000 images.", "fr"),
        ("It saw 47,000 pictures.", "它看了4.7万张图片。", "zh"),
        ("It saw 47,000 pictures.", "It saw forty-seven thousand pictures.", "en"),
        ("It saw 400 pictures.", "Es sah vierhundert Bilder.", "de"),
        ("It has 3 stages.", "它有三个阶段。", "zh"),
        ("It works at half size.", "It works at 1/2 of the size.", "en"),
        ("It works at half size.", "It works at 50 % of the size.", "en"),
        ("It works at half size.", "Es arbeitet in halber Größe.", "de"),
        ("It takes 25 % of the memory.", "It takes a quarter of the memory.", "en"),
        ("It is twice as fast.", "It is 2× as fast.", "en"),
        ("It is 2× as fast.", "It is two times as fast.", "en"),
        ("It takes 0.282 s.", "It takes 282 ms.", "en"),
        ("It has 16,107,651 parameters.", "It has about 16.1 million parameters.", "en"),
        ("It joins an edge, a letter and a face.", "It joins three things.", "en"),
        ("One of its parts sees the picture.", "It is one of the best known parts.", "en"),
        ("It sharpens edges.", "First it looks, and then one edge is sharpened.", "en"),
        ("It scores −0.285.", "The score is −0.285.", "en"),
        ("It scores 10 dB.", "It scores 10 decibels.", "en"),
    ],
)
def test_a_number_passes_however_it_is_written(source, text, language):
    assert kinds(text, source, language=language) == []


@pytest.mark.parametrize(
    ("source", "text", "language"),
    [
        ("It saw 2,103 pairs.", "It saw 2.103 pairs.", "en"),
        ("It gains 19.6 points.", "It gains 19,6 points.", "en"),
        ("It gains 19.6 points.", "It gains 19.6 dB.", "en"),
        ("It is 3 px wide.", "It is 3 % wide.", "en"),
        ("It takes 0.282 s.", "It takes 0.282 ms.", "en"),
        ("It has 16,107,651 parameters.", "It has about 17 million parameters.", "en"),
        ("It has 16,107,651 parameters.", "It has 16 million parameters exactly.", "en"),
        ("It works at three sizes.", "It works at two sizes.", "en"),
        ("It wins all four tests.", "It wins all three tests.", "en"),
        ("It works at half size.", "It works at a quarter of the size.", "en"),
        ("It scores 0.285.", "It scores −0.285.", "en"),
        ("It has 9 steps.", "It has ９９ steps.", "en"),
        ("It has 20 blocks.", "It has ⅔ of the blocks.", "en"),
        ("It uses library 0.12.1.", "It uses library 0.12.2.", "en"),
        ("It gained four steps.", "Das Netz hat vier Millionen Parameter.", "de"),
        ("It has 20 blocks.", "Es hat einundzwanzig Blöcke.", "de"),
        ("It has 20 blocks.", "它有二十一个模块。", "zh"),
    ],
)
def test_another_number_or_unit_is_refused(source, text, language):
    assert kinds(text, source, language=language) == ["wrong number"] or kinds(
        text, source, language=language
    ) == ["number of another subject"]


def test_a_number_of_the_question_may_be_told_back():
    question = "Why are edges sharp when I enlarge my map 3x?"
    assert kinds("Enlarged 3×, the map keeps its edges.", ADDED, question=question) == []
    assert kinds("Enlarged 4×, the map keeps its edges.", ADDED, question=question)


def test_words_in_the_picture_support_no_number_outside_their_quotation():
    sign = measured("The sign reads “PLATFORM 12”.")
    assert kinds("After restoration it reads “PLATFORM 12”.", sign) == []
    assert kinds("The network has 12 steps.", sign) == ["wrong number"]
    door = measured("The door in door.png reads “MY SHOP, CALL US”.")
    assert kinds("The door reads “MY SHOP, CALL US”.", door) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Double-check each letter against the original.", "en"),
        ("Stroke by stroke, one at a time, it is well worth a second look.", "en"),
        ("Das ist halbwegs sicher, außer Acht bleibt nur ein Rand.", "de"),
        ("Cela vient de tiers, et un seul suffit.", "fr"),
        ("Ten opzichte van de invoer blijft het beeld gelijk.", "nl"),
        ("Se sei sicuro, prova.", "it"),
        ("结果十分清晰，半透明的边缘也一样。", "zh"),
        ("前半は十分に鮮明です。", "ja"),
        ("이것만 보면 네 말이 맞다.", "ko"),
    ],
)
def test_words_that_only_look_like_numbers_pass(text, language):
    assert not {"wrong number", "number of another subject"} & set(
        kinds(text, ADDED, language=language)
    )


# --- names ----------------------------------------------------------------------------------------


@given(
    id=st.sampled_from(CLAIMS),
    name=st.sampled_from(
        [
            "ZoomNet",
            "ClearGAN",
            "PixFormer-L",
            "SRNet9",
            "HyperSR",
            "Microsoft",
            "Jane Roe",
            "OCR9k",
        ]
    ),
)
@example(CLAIMS[0], "NAFNet")
def test_a_name_put_into_a_claim_is_refused(id, name):
    assume(name.casefold() not in FACTS[id].casefold())
    assert "foreign name" in kinds(f"{told(id)[:-1]}, as {name} does.", fact(id))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("LLaVARs Vorsprung ist groß.", "de"),
        ("Die LLaVAR-Antworten sind besser.", "de"),
        ("llavar gains most there.", "en"),
        ("LLaVAR's answers gain most.", "en"),
        ("Das Netz liest Schilder, Plakate und Belege.", "de"),
        ("As Fourier transforms show, it reads an RGB picture in English.", "en"),
        ("An OCR program, unlike a GAN or a CNN, may say so.", "en"),
        ("Short answer: Reading is what it does.", "en"),
        ("LLaVARはよく読めます。", "ja"),
        ("LLaVAR는 글자를 읽습니다.", "ko"),
        ("Ответы LLaVAR лучше, чем раньше.", "ru"),
    ],
)
def test_names_pass_in_other_forms_and_other_words_are_none(text, language):
    assert kinds(text, "LLaVAR gains most.", language=language) == []


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Made by Google, it gains most.", "en"),
        ("It was made at Springfield.", "en"),
        ("nafnet gains most.", "en"),
        ("LLaVAR-9 gains most.", "en"),
        ("Es ist ein Werk von Apple.", "de"),
        ("NAFNet erklärt das besser.", "de"),
        ("C'est un travail de Dupont.", "fr"),
        ("Это работа Иванова.", "ru"),
        ("これはグーグルが作りました。", "ja"),
        ("구글이 만들었습니다.", "ko"),
    ],
)
def test_names_of_others_are_refused_in_every_language(text, language):
    assert "foreign name" in kinds(text, "LLaVAR gains most.", language=language)


def test_a_system_passes_where_a_source_or_the_question_names_it():
    text = "NAFNet reports more."
    assert kinds(text, "Newer systems such as NAFNet report more.") == []
    assert kinds(text, ADDED, question="Is NAFNet better?") == []
    assert kinds(text, ADDED) == ["foreign name"]


@pytest.mark.parametrize("text", ["МIMO-UNet+ adds it.", "МІМО-UNet adds it.", "ＭIMO adds it."])
def test_letters_that_look_alike_are_refused(text):
    assert kinds(text, ADDED) == ["unsafe characters"] or "foreign name" in kinds(text, ADDED)


# --- form -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "It adds a\nline.", "It \x1b[31madds\x1b[0m it.", "It adds\u200b it.", "It \u202eadds it.",
        "It adds it\U000e0041.", "It adds z\u0300\u0301\u0302\u0303 it.", "It adds \ue000 it.",
    ],
)  # fmt: skip
def test_characters_that_hide_are_refused(text):
    assert "unsafe characters" in kinds(text, ADDED)


@pytest.mark.parametrize(
    "text",
    [
        "See https://evil.test/p.", "See evil.test for it.", "See evil.test/paper for it.",
        "See www.evil.test for it.", "Mail help@evil.test about it.", "See doi:10.4711/zzqx.99.",
        "It is in 2111.09881 too.", "The code is in evil-corp/zzqx.", "javascript:alert(1)",
        "[paper](evil)", "![x](y)", "<b>It</b> adds it.", "&lt;b&gt; adds it.", "It `adds` it.",
        "Read it at evil dot test slash zzqx.", "Lies es auf evil Punkt test Schrägstrich p.",
        "It is on evil (dot) com, by the way.", "It adds it. ✓", "# It adds it", "It adds it [E1].",
        "The code is in apple/swift.",
    ],
)  # fmt: skip
def test_links_and_markup_are_refused(text):
    assert "link or markup" in kinds(text, ADDED)


@pytest.mark.parametrize(
    "text",
    [
        "It adds input/output and before/after values.", "It adds a 1:1 share, e.g. at edges.",
        "It adds (and never removes) detail; see above.", "“Adds” means: it is put on top.",
        "Is it added? Yes!", "It adds — once more – a correction…", "It adds detail & more.",
        "~3× is what was asked for.", "It's added, isn't it?",
    ],
)  # fmt: skip
def test_plain_prose_passes(text):
    assert kinds(text, ADDED, question="Why is it sharp at 3×? The share is 1:1.") == []


def test_a_sentence_has_a_length_a_source_and_something_to_say():
    assert kinds("It adds more. " * 40, ADDED) == ["too long"]
    assert kinds("It adds a correction.") == ["no source"]
    assert kinds(" … ", ADDED) == ["nothing said"]


# --- runs -----------------------------------------------------------------------------------------

RUNS = {
    "en": "The network was run on your picture.",
    "de": "Das Netz wurde auf deinem Bild ausgeführt und gemessen.",
    "fr": "Le réseau a été testé sur votre photo.",
    "es": "La red fue probada en su imagen.",
    "it": "La rete è stata applicata alla tua foto.",
    "nl": "Het netwerk is op je foto getest.",
    "pt": "A rede foi testada na sua foto.",
    "ru": "Сеть была проверена на вашем фото.",
    "zh": "在你的照片上测量了边缘。",
    "ja": "あなたの写真で測定しました。",
    "ko": "첨부된 사진에서 측정했습니다.",
}
FIRST = {
    "en": "We looked at it.",
    "de": "Ich habe es angesehen.",
    "fr": "Nous avons regardé.",
    "es": "Nosotros lo vimos.",
    "it": "Abbiamo guardato bene.",
    "nl": "Wij hebben gekeken.",
    "pt": "Nós olhamos bem.",
    "ru": "Мы посмотрели на это.",
    "zh": "我们看过了。",
    "ja": "私が見ました。",
    "ko": "우리가 보았습니다.",
}


@pytest.mark.parametrize("language", RUNS)
def test_runs_on_the_picture_are_told_where_something_was_measured_only(language):
    text = RUNS[language]
    assert "run that is not in evidence" in kinds(text, ADDED, language=language)
    assert kinds(text, measured(WENT), language=language) == []


@pytest.mark.parametrize("language", FIRST)
def test_a_writer_does_not_speak_of_themselves(language):
    assert "first person" in kinds(FIRST[language], measured(WENT), language=language)


@pytest.mark.parametrize(
    "text",
    [
        "It has not been run on your picture.", "Nothing was measured on your picture.",
        "If it is run on your picture, edges are kept.", "It can be run on your picture.",
        "How well it does is unknown until it is measured on your picture.",
        "The paper measured it on street scenes.", "It was tested and benchmarked by its authors.",
        "Your picture may have a kind of blur that it never learned.",
        "In your picture, edges that are sharp can be left alone.",
        "You want to know why your picture looks sharper.",
        "To see it, attach your picture and have it measured.",
    ],
)  # fmt: skip
def test_what_may_be_done_and_what_papers_did_is_no_run(text):
    assert kinds(text, "The paper measured and tested it on street scenes.") == []


# --- language -------------------------------------------------------------------------------------


def test_a_sentence_is_in_the_language_of_the_answer_or_quoted():
    german = "Das Netz addiert eine Korrektur, und die Kanten bleiben so, wie sie sind."
    english = "The network adds a correction and the edges are left as they are."
    assert kinds(german, ADDED, language="de") == []
    assert "another language" in kinds(german, ADDED)
    assert kinds(english, ADDED, language="de") == ["another language"]
    assert kinds(f"Im Original: {ADDED}", ADDED, language="de") == []
    assert kinds(ADDED, ADDED, language="de") == []


def test_a_sentence_of_a_source_beside_it_does_not_hide_one_in_another_language():
    source = fact("mimo-unet-plus/residual-output")
    assert kinds(source.text, source, language="de") == []
    for lie, kind in (
        ("Ich habe das Modell laufen lassen.", "first person"),
        ("I ran the model.", "first person"),
        ("\u202e", "unsafe characters"),
        ("Das Netz wurde auf deinem Bild ausgeführt.", "run that is not in evidence"),
        ("Das Netz hat vier Millionen Parameter.", "wrong number"),
        ("Das Netz lässt ein Fünftel des Bildes aus.", "wrong number"),
    ):
        assert kinds(f"{source.text} {lie}", source, language="de") == [kind]


@pytest.mark.parametrize(
    "language, text, kind",
    [
        ("en", "The network leaves out a fifth of the picture.", "wrong number"),
        (
            "en",
            "It adds to the input. Measured on your picture, the edges are narrower.",
            "run that is not in evidence",
        ),
        ("ko", "이 네트워크에는 사백만 개의 매개변수가 있습니다.", "wrong number"),
        ("zh", "网络已在您的图片上运行。", "run that is not in evidence"),
    ],
)
def test_shares_numbers_and_runs_are_read_wherever_they_stand(language, text, kind):
    assert kinds(text, fact("mimo-unet-plus/residual-output"), language=language) == [kind]
