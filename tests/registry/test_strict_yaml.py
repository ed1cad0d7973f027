from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.registry import strict_yaml as reading
from agent.registry.strict_yaml import Entry, Unreadable, read_lists
from agent.text import first_unsafe


def read(text: str) -> list[Entry]:
    return [entry for _, entry in read_lists(text.encode(), "models")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_the_encoding_is_told_by_the_first_bytes(encoding: str) -> None:
    text = "models:\n- id: ł\n"
    ((_, entry),) = read_lists(text.encode(encoding), "models")
    (same,) = read(text)
    assert entry == same


def fault_of(data: bytes) -> tuple[int, str]:
    with pytest.raises(Unreadable) as caught:
        list(read_lists(data, "models"))
    return caught.value.line, caught.value.message


@pytest.fixture(params=["libyaml", "pure Python"])
def _both_parsers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "pure Python":
        monkeypatch.setattr(reading, "_Loader", yaml.SafeLoader)
    elif not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")


@pytest.mark.usefixtures("_both_parsers")
class TestValues:
    def test_values_are_those_of_safe_load_with_tuples_for_lists(self) -> None:
        (entry,) = read("models:\n- {a: text, b: [1, 2.5, true, null], c: {d: 'no'}}\n")
        assert entry.value == {"a": "text", "b": (1, 2.5, True, None), "c": {"d": "no"}}
        assert not entry.faults

    def test_every_key_and_item_knows_its_line(self) -> None:
        (_, entry) = read("models:\n- a: 1\n- b: >\n    x\n  c:\n  - d\n  - e: f\n")
        assert entry.line == 3
        assert [entry.line_of(p) for p in (("b",), ("c",), ("c", 0), ("c", 1, "e"))] == [3, 5, 6, 7]
        assert entry.line_of(("c", 1, "missing")) == 7

    def test_a_text_is_one_paragraph(self) -> None:
        (entry,) = read("models:\n- a: |\n    two\n\n    lines  \n  b: >\n    folded\n    text\n")
        assert entry.value == {"a": "two lines", "b": "folded text"}

    @pytest.mark.parametrize(
        ("written", "read_as"),
        [("2502.10", "a number"), ("no", "a boolean"), ("2021-03-01", "a date"), ("12", "a whole")],
    )
    def test_what_yaml_makes_of_unquoted_text_is_remembered(
        self, written: str, read_as: str
    ) -> None:
        (entry,) = read(f"models:\n- a: {written}\n  b: '{written}'\n")
        kind, as_written = entry.plain[("a",)]
        assert as_written == written
        assert kind.startswith(read_as)
        assert entry.value["b"] == written
        assert ("b",) not in entry.plain

    @pytest.mark.parametrize(
        ("yaml_text", "place", "fault"),
        [
            ("- a: &x 1", ("a",), "anchor"),
            ("- a: 1\n  b: *x", ("b",), "alias"),
            ("- a: !!str 1", ("a",), "tag"),
            ("- a: !!python/object/apply:os.system [id]", ("a",), "tag"),
            ("- <<: {a: 1}", ("<<",), "merge"),
            ("- a: 1\n  a: 2", ("a",), "twice, first in line 2"),
            ("- a: {b: 1, b: 2}", ("a", "b"), "twice"),
            ("- yes: 1", ("yes",), "quotes"),
            ("- [1]: 2", ("?",), "not text"),
            ("- a: 2021-13-45", ("a",), "quotes"),
            ("- a: " + "9" * 5000, ("a",), "quotes"),
            ("- a: " + ":".join(["1"] * 400) + ".5", ("a",), "quotes"),
        ],
    )
    def test_what_a_data_file_never_needs_is_refused(
        self, yaml_text: str, place: reading.Path, fault: str
    ) -> None:
        (entry,) = read(f"models:\n{yaml_text}\n")
        assert fault in entry.faults[place]

    def test_a_refused_value_hides_no_later_fault(self) -> None:
        first, second = read("models:\n- &x {a: 1}\n- {b: *x, b: 1}\n")
        assert first.faults
        assert second.faults

    @pytest.mark.parametrize(
        ("data", "line", "message"),
        [
            (b"", 1, "empty"),
            (b"# a comment\n", 1, "empty"),
            (b"- a\n", 1, "expected `models:`"),
            (b"modles: []\n", 1, "'modles'"),
            (b"models: text\n", 1, "not a list"),
            (b"models:\n", 1, "not a list"),
            (b"models: []\nextra: 1\n", 2, "'extra'"),
            (b"models: []\nmodels: []\n", 2, "'models'"),
            (b"models: []\n---\nmodels: []\n", 2, "second document"),
            (b"models: &x []\n", 1, "anchors"),
            (b"models:\n- a: [1\n- b\n", 4, "begun in line 2"),
            (b"models:\n- a\n- b: \xe9\n", 3, "0xE9 is not valid UTF-8"),
            ("models: []".encode("utf-16")[:-1], 1, "not UTF-16 text"),
            (b"models:\n\n- a: b\0c\n", 3, "U+0000"),
            (b"models:\n- a: \x1b[31m\n", 2, "U+001B"),
            ("models:\n- a: \ufffe\n".encode(), 2, "not valid YAML"),
        ],
    )
    def test_a_file_of_another_form_is_refused_with_its_line(
        self, data: bytes, line: int, message: str
    ) -> None:
        got_line, got = fault_of(data)
        assert message in got
        assert got_line == line

    @pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
    def test_deep_nesting_ends_the_reading_at_once(self, opening: str) -> None:
        line, message = fault_of(f"models:\n- {opening * 5_000}".encode())
        assert "deep" in message
        assert line == 2


def test_an_empty_list_and_a_byte_order_mark_are_legal() -> None:
    assert list(read_lists(b"\xef\xbb\xbfmodels: []\n", "models")) == []


def test_bytes_split_by_a_block_of_the_decoder_are_still_utf8() -> None:
    filler = "x" * ((1 << 20) - len("models:\n- '") - 1)
    (entry,) = read(f"models:\n- '{filler}é'\n")
    assert entry.value.endswith("é")


def test_an_alias_bomb_is_never_expanded() -> None:
    levels = "".join(f"- &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, 60))
    entries = read(f"models:\n- &l0 [lol]\n{levels}")
    assert len(entries) == 60
    assert all(entry.faults for entry in entries)


def test_a_control_character_in_a_message_is_written_out() -> None:
    (entry,) = read('models:\n- a: !<x%E2%80%AEy> "b"\n')
    assert entry.faults[("a",)].isprintable()


yaml_like = st.lists(
    st.sampled_from(
        ["models:", "- ", "a: ", "\n", "  ", "[", "]", "{", "}", ",", "&x ", "*x", "!!int ", "<<: ",
         "'", '"', "\\", "|", ">", "%TAG ! x\n", "---", "...", "#", "? ", "=", "1:1", "~", "\t",
         "\x85", "\u2028", "\ufeff", "é", "\x1b", "0x_", "2021-02-30"]
    ),
    max_size=40,
)  # fmt: skip


@settings(max_examples=200)
@given(st.one_of(yaml_like.map(lambda parts: "models:\n- " + "".join(parts)), st.text()))
def test_hostile_text_is_read_or_refused_but_never_breaks(text: str) -> None:
    try:
        for _, entry in read_lists(text.encode(errors="surrogatepass"), "models"):
            assert all(entry.line_of(path) >= 1 for path in entry.faults)
    except Unreadable as fault:
        assert fault.line >= 1
        assert first_unsafe(fault.message) is None
        assert len(fault.message.splitlines()) == 1


@settings(max_examples=200)
@given(st.binary(max_size=200))
def test_hostile_bytes_are_read_or_refused_but_never_break(data: bytes) -> None:
    try:
        list(read_lists(b"models:\n- " + data, "models"))
    except Unreadable as fault:
        assert fault.line >= 1


def test_further_lists_may_follow_in_any_order_each_once() -> None:
    text = b"models: [{id: a}]\nmore: [1]\nothers: [2]\n"
    keys = [key for key, _ in read_lists(text, "models", "others", "more")]
    assert keys == ["models", "more", "others"]
    with pytest.raises(Unreadable, match="unknown key 'more'"):
        list(read_lists(text + b"more: []\n", "models", "others", "more"))
