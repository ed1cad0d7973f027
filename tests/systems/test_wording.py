"""Helpers that word the evidence of several tools."""

from __future__ import annotations

from agent.systems.wording import format_list


def test_lists_read_as_people_write_them() -> None:
    assert [format_list(items) for items in ("", "a", "ab", "abc")] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]
    assert format_list("abc", "or") == "a, b or c"
