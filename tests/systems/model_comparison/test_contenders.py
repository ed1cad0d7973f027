"""Which models can be compared, and by what."""

from __future__ import annotations

import pytest

from agent.errors import InputError
from agent.settings import Settings
from agent.systems.model_comparison.contenders import (
    BICUBIC,
    MIMO_UNET,
    contenders,
    open_contender,
    select,
)
from agent.systems.model_comparison.criteria import CRITERIA, criterion_of
from agent.systems.upscaling.catalogue import UPSCALERS


def test_bicubic_is_always_among_them_and_every_upscaler_can_be() -> None:
    assert set(contenders()) == {BICUBIC, MIMO_UNET, *UPSCALERS}
    assert [one.key for one in select([MIMO_UNET, MIMO_UNET])] == [BICUBIC, MIMO_UNET]
    assert [one.key for one in select([BICUBIC])] == [one.key for one in select([])] == [BICUBIC]


def test_an_unknown_model_is_refused_with_the_nearest() -> None:
    with pytest.raises(InputError, match=r"no model 'realesr-animevideo'.*realesr-animevideov3"):
        list(select(["realesr-animevideo"]))
    with pytest.raises(InputError, match="compare --list` shows all"):
        list(select(["\x1b[2J"]))


def test_each_key_opens_what_it_names(weights) -> None:
    settings = Settings(weights=weights)
    assert open_contender(BICUBIC, settings).name == "bicubic"
    assert open_contender(MIMO_UNET, settings).name.startswith("MIMO-UNet")


def test_words_of_the_field_name_a_criterion() -> None:
    assert {criterion_of(key).key for key in CRITERIA} == set(CRITERIA)
    named = {
        "OCR": "text", "sharpness": "edges", "ringing": "halos", "hallucination": "texture",
        "color": "colour", "RAM": "memory",
    }  # fmt: skip
    for word, key in named.items():
        assert criterion_of(word).key == key
    with pytest.raises(InputError, match="cannot be compared by 'beauty'; expected one of text,"):
        criterion_of("beauty")


def test_no_word_names_two_criteria() -> None:
    words = [word for one in CRITERIA.values() for word in (one.key, *one.synonyms)]
    assert len(set(words)) == len(words)
