"""Languages told apart in a sentence or two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.question.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("How does the model keep the edges sharp?", "en"),
        ("Wie behält das Modell die Kanten scharf?", "de"),
        ("Comment le modèle garde-t-il les bords nets ?", "fr"),
        ("¿Cómo mantiene el modelo los bordes nítidos?", "es"),
        ("Come fa il modello a mantenere i bordi nitidi?", "it"),
        ("Como é que o modelo mantém as bordas nítidas?", "pt"),
        ("Hoe houdt het model de randen scherp?", "nl"),
        ("Hur behåller modellen kanterna skarpa och varför är texten läsbar?", "sv"),
        ("Hvorfor er teksten læsbar, og hvad gør modellen?", "da"),
        ("Hvorfor er bildet skarpt, og hva gjør modellen?", "no"),
        ("Miksi kuva on niin terävä?", "fi"),
        ("Dlaczego tekst jest czytelny po powiększeniu?", "pl"),
        ("Proč je text po zvětšení čitelný?", "cs"),
        ("Miért nem lett homályos a kép?", "hu"),
        ("De ce nu este neclară imaginea mea?", "ro"),
        ("Resim neden bu kadar net ve keskin?", "tr"),
        ("Mengapa gambar ini tidak buram?", "id"),
        ("Tại sao ảnh của tôi không bị mờ?", "vi"),
        ("Почему края остались резкими?", "ru"),
        ("Чому краї залишилися чіткими?", "uk"),
        ("Защо краищата са остри и какво прави моделът, за да се чете?", "bg"),
        ("为什么图片没有模糊？", "zh"),
        ("なぜ画像はぼやけないのですか？", "ja"),
        ("이미지가 왜 선명한가요?", "ko"),
        ("لماذا بقيت الحواف حادة؟", "ar"),
        ("چرا تصویر تار نشد؟", "fa"),
        ("למה הקצוות נשארו חדים?", "he"),
        ("Γιατί οι άκρες έμειναν οξείες;", "el"),
        ("ทำไมภาพไม่เบลอ", "th"),
        ("किनारे तेज़ क्यों रहे?", "hi"),
        ("用 MIMO-UNet 放大图片后为什么没有模糊？", "zh"),
        ("", "und"),
        ("xqzt 12345 !!!", "und"),
    ],
)
def test_the_language_of_a_text_is_detected_in_either_case(text: str, language: str) -> None:
    assert detect(text) == language
    assert detect(text.upper()) == language


@given(st.text(max_size=300))
def test_any_text_has_an_answer(text: str) -> None:
    assert detect(text).isalpha()
