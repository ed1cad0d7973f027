"""Token ids must be those that the embedding model was trained with."""

from __future__ import annotations

import gzip
import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.files import DATA
from agent.search.wordpiece import encode, vocabulary

# Text and its ids between the marks, as the reference tokeniser gives them.
REFERENCE = [
    ("", []),
    ("Which loss does MIMO-UNet+ use?",
     [2029, 3279, 2515, 2771, 5302, 1011, 16655, 2102, 1009, 2224, 1029]),
    ("deblurring 3× upscaled web-images",
     [2139, 16558, 3126, 4892, 1017, 26306, 28276, 2094, 4773, 1011, 4871]),
    ("Naïve café — “quotes”", [15743, 7668, 1517, 1523, 16614, 1524]),
    ("日本語 text 漢字", [1864, 1876, 1950, 3793, 1904, 100]),
    ("한국어", [1469, 30006, 30021, 29991, 30014, 30020, 29999, 30008]),
    ("Привет, мир!", [1194, 16856, 10325, 25529, 15290, 22919, 1010, 1191, 10325, 16856, 999]),
    ("x" * 101, [100]),
    ("İstanbul ΣΊΣΥΦΟΣ", [9960, 1173, 18199, 29733, 29735, 29736, 29730, 29733]),
    ("a\u200bb\x00c\ufffd d\u3000e\u00adf", [5925, 1040, 1041, 2546]),
    ("हिन्दी पाठ", [1339, 29877, 29863, 29861, 29878, 100]),
    ("ﬁ ½ ² ™ $5 ~^`|", [1984, 1092, 1082, 1580, 1002, 1019, 1066, 1034, 1036, 1064]),
    ("emoji 😀 ok", [7861, 29147, 2072, 100, 7929]),
    ("e\u0301a\u0308", [19413]),
    ("https://arxiv.org/abs/2108.05054v2",
     [16770, 1024, 1013, 1013, 12098, 9048, 2615, 1012, 8917, 1013, 14689, 1013, 12875, 2620,
      1012, 28714, 27009, 2615, 2475]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "ids"), REFERENCE)
def test_equals_the_reference(text: str, ids: list[int]) -> None:
    assert encode(text) == [101, *ids, 102]


def test_vocabulary_is_the_published_one() -> None:
    published = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
    text = gzip.decompress((DATA / "vocab.txt.gz").read_bytes())
    assert hashlib.sha256(text).hexdigest() == published
    assert vocabulary()["[MASK]"] == 103


def test_marks_in_a_text_are_text() -> None:
    assert 103 not in encode("[MASK] [SEP]")
    assert encode("[SEP]").count(102) == 1


def test_long_texts_are_cut_off() -> None:
    ids = encode("blur " * 1000, limit=16)
    assert len(ids) == 16
    assert (ids[0], ids[-1]) == (101, 102)
    assert encode("unreadable", limit=2) == [101, 102]


@given(st.text(max_size=300))
def test_any_text_has_ids(text: str) -> None:
    ids = encode(text)
    assert (ids[0], ids[-1]) == (101, 102)
    assert len(ids) <= 256
    assert all(0 <= i < 30_522 for i in ids)
