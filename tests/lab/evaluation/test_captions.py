from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from agent.errors import InputError
from agent.lab.evaluation.captions import caption_vectors, read_captions


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding)
    return path


def test_a_picture_may_have_several_rows(tmp_path: Path) -> None:
    text = 'file,caption\na.jpg,"a cat, asleep"\nsub/b.jpg,a dog\na.jpg,a tabby\n'
    expected = {"a.jpg": ["a cat, asleep", "a tabby"], "b.jpg": ["a dog"]}
    assert read_captions(write(tmp_path / "c.csv", text)) == expected
    assert read_captions(write(tmp_path / "excel.csv", text, "utf-8-sig")) == expected


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("sep=;\r\nFile;Caption\r\na.jpg;a cat\r\n", "utf-8"),
        ("file\tcaption\t\na.jpg\ta cat\t\n", "utf-16"),
        ('"my\nnote",file,caption\n,a.jpg,a cat\n,,\n', "utf-8-sig"),
    ],
)
def test_a_table_is_read_as_spreadsheets_write_it(tmp_path: Path, text: str, encoding: str) -> None:
    assert read_captions(write(tmp_path / "c.csv", text, encoding)) == {"a.jpg": ["a cat"]}


def test_further_columns_do_no_harm(tmp_path: Path) -> None:
    path = write(tmp_path / "c.csv", "id,caption,file\n1,a cat,a.jpg\n")
    assert read_captions(path) == {"a.jpg": ["a cat"]}


@pytest.mark.parametrize(
    "content",
    [
        {"a.jpg": "a cat", "b.jpg": ["a dog", "a hound"]},
        {
            "images": [{"id": 4, "file_name": "a.jpg"}, {"id": 7, "file_name": "b.jpg"}],
            "annotations": [
                {"image_id": 7, "caption": "a dog"},
                {"image_id": 4, "caption": "a cat"},
                {"image_id": 7, "caption": "a hound"},
            ],
        },
    ],
)
def test_json_of_both_forms(tmp_path: Path, content: object) -> None:
    found = read_captions(write(tmp_path / "c.json", json.dumps(content)))
    assert found == {"a.jpg": ["a cat"], "b.jpg": ["a dog", "a hound"]}


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("c.csv", "name,text\na.jpg,a cat\n", "expected file,caption"),
        ("c.csv", "", "expected file,caption"),
        ("c.csv", "file,caption\na.jpg\n", "row 1: expected a file and a caption"),
        ("c.csv", "file,caption\na.jpg,  \n", "holds no captions"),
        ("c.json", "{", "not valid JSON"),
        ("c.json", "[" * 100_000, "not valid JSON"),
        ("c.json", "[1]", "expected an object"),
        ("c.json", '{"a.jpg": 3}', "expected an object"),
        ("c.json", '{"a.jpg": [3]}', "expected an object"),
        ("c.json", '{"images": [], "annotations": [{"image_id": 1}]}', "expected an object"),
    ],
)
def test_other_forms_are_refused_in_a_line(
    tmp_path: Path, name: str, text: str, complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint) as caught:
        read_captions(write(tmp_path / name, text))
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_another_encoding_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_captions(tmp_path / "none.csv")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        read_captions(write(tmp_path / "c.csv", "file,caption\na.jpg,café\n", "latin-1"))


@pytest.mark.slow
def test_a_picture_is_the_mean_of_its_captions() -> None:
    captions = {
        "cat": ["a cat asleep"],
        "both": ["a cat asleep", "a red bus"],
        "bus": ["a red bus"],
    }
    cat, both, bus = caption_vectors(captions, ["cat", "both", "bus"])
    np.testing.assert_allclose(both, (cat + bus) / 2, atol=1e-6)
    assert cat @ bus < 0.5
