from hypothesis import given
from hypothesis import strategies as st

from agent.text import first_unsafe, format_list, is_unsafe, visible


def test_layout_characters_are_safe_and_steering_ones_are_not():
    assert first_unsafe("plain – text × naïve 写真\n\tnext") is None
    for bad in "\x00\x07\x1b\x7f\x9b\u202e\u2066\ud800":
        assert is_unsafe(bad), f"U+{ord(bad):04X}"
        assert first_unsafe(f"ab{bad}c") == 2


def test_visible_writes_steering_characters_out():
    assert visible("red \x1b[31m\u202ename") == "red \\x1b[31m\\u202ename"


@given(st.text())
def test_visible_text_holds_nothing_unsafe_and_keeps_the_rest(text: str):
    shown = visible(text)
    assert first_unsafe(shown) is None
    assert visible(shown) == shown


def test_lists_read_as_people_write_them() -> None:
    assert [format_list(items) for items in ("", "a", "ab", "abc")] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert format_list("abc", "or") == "a, b or c"
