"""Files of questions as people have them: every kind, and every way to get a row wrong."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.batch import rows
from agent.batch.rows import Row, read
from agent.errors import InputError


def rows_of(tmp_path: Path, name: str, content: str | bytes) -> list[Row]:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read(str(path)))


FORMS = {
    "q.jsonl": '{"id": "a", "question": "Why?", "images": ["x.png", "y.png"], "upscale": 3}\n'
    '\n{"id": 7, "question": "How – so?"}\n',
    "q.json": '[{"id": "a", "question": "Why?", "images": ["x.png", "y.png"], "upscale": 3},'
    '{"id": 7, "question": "How – so?"}]',
    "q.csv": "\ufeffID,Question,images,upscale\r\na,Why?,x.png; y.png,3\r\n,,,\r\n"
    "7,How – so?,,\r\n",
    "semicolons.csv": "id;question;images;upscale\na;Why?;\"x.png;y.png\";3\n7;How – so?\n",
    "q.tsv": "id\tquestion\timages\tupscale\na\tWhy?\t[\"x.png\", \"y.png\"]\t3\n"
    "7\tHow – so?\t\t\n",
    "q.yaml": "- {id: a, question: Why?, images: [x.png, y.png], upscale: 3}\n"
    "- {id: 7, question: How – so?}\n",
    "named.yml": "questions:\n- {id: a, text: Why?, image: x.png;y.png, upscale: '3'}\n"
    "- {id: '7', question: How – so?}\n",
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_every_form_says_the_same(name, tmp_path):
    assert rows_of(tmp_path, name, FORMS[name]) == [
        Row(1, "a", "Why?", ("x.png", "y.png"), 3, None, {}),
        Row(2, "7", "How – so?", (), None, None, {}),
    ]


def test_a_text_file_holds_a_question_a_line(tmp_path):
    found = rows_of(tmp_path, "q.txt", "Why?\n\n  How so?  \r\n")
    assert [(row.id, row.question) for row in found] == [("1", "Why?"), ("2", "How so?")]


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ('\n{"question": "Why?"}\n{"question": "How?"}\n', ["Why?", "How?"]),
        ("Why?\nHow?", ["Why?", "How?"]),
        ("", []),
    ],
)
def test_standard_input_is_json_lines_or_text(text, questions, monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(text.encode()))
    monkeypatch.setattr("sys.stdin", stream)
    assert [row.question for row in read("-")] == questions


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("3", "the row is int"),
        ('["why?"]', "the row is list"),
        ("{}", "no question"),
        ('{"question": "  "}', "no question"),
        ('{"question": 3}', "no question"),
        ('{"question": "why?", "upscale": 9}', "from 1 to 8"),
        ('{"question": "why?", "upscale": "2.5"}', "from 1 to 8"),
        ('{"question": "why?", "upscale": true}', "from 1 to 8"),
        ('{"question": "why?", "upscale": NaN}', "from 1 to 8"),
        ('{"question": "why?", "evidence": "all"}', "none, core, full"),
        ('{"question": "why?", "images": 3}', "expected a path"),
        ('{"question": "why?", "images": [3]}', "expected a path"),
        ('{"question": "why?", "images": "[x.png"}', "not a JSON list"),
        ('{"question": "why?", "id": ["a"]}', "id"),
        ('{"question": "why?", "id": "a\\u001b[2J"}', "id"),
        ('{"question": "why?", "id": "' + "a" * 300 + '"}', "id"),
        ('{"question": "' + "x" * 1_000_001 + '"}', "longer than"),
    ],
)  # fmt: skip
def test_a_bad_row_says_what_is_wrong_and_the_next_is_read(line, said, tmp_path):
    first, second = rows_of(tmp_path, "q.jsonl", f'{line}\n{{"question": "How?"}}\n')
    assert said in (first.error or "") and "\x1b" not in (first.error or "")
    assert (second.number, second.id, second.question, second.error) == (2, "2", "How?", None)


def test_bytes_that_are_no_utf8_spoil_their_row_alone(tmp_path):
    content = 'question,note\nWhy?,"caf\u00e9"\n'.encode("latin-1") + "How?,café\n".encode()
    first, second = rows_of(tmp_path, "q.csv", content)
    assert "not UTF-8" in (first.error or "")
    assert second.error is None and second.extra == {"note": "café"}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("question,id\nWhy, so?,a\nHow?,b\n", "3 cells for 2 columns"),
        ('question,id\n"Why" so?,a\nHow?,b\n', "quotation marks"),
    ],
)
def test_a_bad_row_of_a_table_leaves_the_others(table, said, tmp_path):
    first, second = rows_of(tmp_path, "q.csv", table)
    assert said in (first.error or "")
    assert (second.id, second.question) == ("b", "How?")


QUESTION = "Which loss is MIMO-UNet+ trained with?"
TABLE = f"question,images\r\n{QUESTION},\r\n"
#: As spreadsheets and databases write one row: name of the file, its text, its encoding.
WRITTEN = {
    "a line for the separator": ("q.csv", f"sep=;\r\nquestion;images\r\n{QUESTION};\r\n", "utf-8"),
    "that line in quotes": ("q.csv", f'"sep=|"\r\nquestion|images\r\n{QUESTION}|\r\n', "utf-8"),
    "that line saved again": ("q.csv", f"SEP=,,\nquestion,images\n{QUESTION},\n", "utf-8-sig"),
    "that line for a tab": ("q.csv", f"sep=\t\nquestion\timages\n{QUESTION}\t\n", "utf-16"),
    "UTF-16": ("q.csv", TABLE, "utf-16"),
    "UTF-16 without a mark": ("q.csv", TABLE, "utf-16-le"),
    "UTF-16, the other order": ("q.csv", TABLE, "utf-16-be"),
    "UTF-32": ("q.csv", TABLE, "utf-32"),
    "UTF-16 with tabs": ("q.tsv", TABLE.replace(",", "\t"), "utf-16"),
    "Excel's Unicode text": ("q.txt", TABLE.replace(",", "\t"), "utf-16"),
    "tabs in .csv": ("q.csv", TABLE.replace(",", "\t"), "utf-8"),
    "commas in .tsv": ("q.tsv", TABLE, "utf-8"),
    "bars": ("q.csv", TABLE.replace(",", "|"), "utf-8"),
    "empty names at the end": ("q.csv", f"question,images,,\n{QUESTION},,,\n", "utf-8"),
    "empty cells beyond the names": ("q.csv", f"question\n{QUESTION},, ,\n", "utf-8"),
    "blank lines before": ("q.csv", f"\r\n,,\r\n{TABLE}", "utf-8"),
    "a line break in a name": ("q.csv", f'"question",id,"my\r\nnote"\r\n{QUESTION},,\r\n', "utf-8"),
    "a break and another separator": ("q.csv", f'"my, \n\nnote";question\n;{QUESTION}\n', "utf-8"),
    "line ends of old": ("q.csv", TABLE.replace("\r\n", "\r"), "mac-roman"),
    "a space in a name": ("q.csv", f"\u00a0Question \t\n{QUESTION}\t\n", "utf-8"),
    "JSON lines": ("q.jsonl", json.dumps({"question": QUESTION}), "utf-16"),
    "YAML": ("q.yaml", f"- '{QUESTION}'\n", "utf-16"),
    "text": ("q.txt", f"{QUESTION}\r\n", "utf-16"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRITTEN)
def test_a_table_is_read_as_programs_write_it(case, tmp_path):
    name, text, encoding = WRITTEN[case]
    (row,) = rows_of(tmp_path, name, text.encode(encoding))
    assert (row.question, row.images, row.error) == (QUESTION, (), None)
    assert not any((row.extra or {}).values())


def test_standard_input_may_be_utf16(monkeypatch):
    stream = io.TextIOWrapper(io.BytesIO(TABLE.replace(",", "\t").encode("utf-16")))
    monkeypatch.setattr("sys.stdin", stream)
    assert [row.question for row in read("-")] == [QUESTION]


def test_a_closed_standard_input_is_told(monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(InputError, match="standard input is closed"):
        list(read("-"))


def test_a_cell_in_a_column_without_a_name_is_kept(tmp_path):
    first, second = rows_of(tmp_path, "q.csv", ",question,\n0,Why?,\n1,How?,so\n")
    assert (first.question, first.extra) == ("Why?", {"column 1": "0"})
    assert (second.question, second.extra) == ("How?", {"column 1": "1", "column 3": "so"})


def test_a_text_cut_in_the_middle_of_a_character_is_refused_in_one_line(tmp_path):
    with pytest.raises(InputError, match=r"not UTF-16.* text .* save it as UTF-8"):
        rows_of(tmp_path, "q.csv", TABLE.encode("utf-16")[:-1])


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such pipes there")
def test_a_pipe_is_read_and_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr("agent.files.reading.PATIENCE", 0)
    pipe = tmp_path / "q.csv"
    os.mkfifo(pipe)
    with pytest.raises(InputError, match=r"header line is: \(empty\)"):
        list(read(str(pipe)))
    inlet, outlet = os.pipe()  # as <(…) of a shell gives it
    os.write(outlet, TABLE.encode())
    os.close(outlet)
    assert [row.question for row in read(f"/dev/fd/{inlet}", "csv")] == [QUESTION]
    os.close(inlet)


def test_other_columns_are_passed_through_as_json_has_them(tmp_path):
    (row,) = rows_of(tmp_path, "q.yaml", "- {question: Why?, day: 2024-01-02, n: .nan, a: [1]}\n")
    assert row.extra == {"day": "2024-01-02", "n": "NaN", "a": [1]}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("q.csv", "frage,id\nWarum?,a\n", "no column 'question'"),
        ("q.csv", "question,a,a\nWhy?,1,2\n", "twice"),
        ("q.csv", "", "no column 'question'"),
        ("q.json", "{", "not valid JSON"),
        ("q.json", '{"a": 1}', "expected a list"),
        ("q.yaml", "a: [", "not valid YAML"),
        ("q.yaml", "a: &x [1]\nb: *x\n", "alias"),
        ("q.yaml", "!!python/object/apply:os.system [id]\n", "not valid YAML"),
        ("q.docx", "PK", "--from"),
    ],
)
def test_a_file_of_another_form_is_refused_in_one_line(name, content, said, tmp_path):
    with pytest.raises(InputError, match=said) as refused:
        rows_of(tmp_path, name, content)
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_refused():
    with pytest.raises(InputError, match="nowhere"):
        list(read("/nowhere.csv"))


@pytest.mark.slow
@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), max_size=5))
def test_no_row_is_lost_whatever_the_text(tmp_path_factory, texts):
    path = tmp_path_factory.mktemp("rows") / "q.jsonl"
    path.write_text("".join(json.dumps({"question": text}) + "\n" for text in texts), "utf-8")
    found = list(rows.read(str(path)))
    assert [row.number for row in found] == list(range(1, len(texts) + 1))
    for row, text in zip(found, texts, strict=True):
        assert row.error or row.question == text
