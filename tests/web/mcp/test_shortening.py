"""A shortened answer holds whole lines of the answer, what matters most first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.web.mcp.shortening import MOST_CHARACTERS, shorten

_REST = "report://1"
_NOTE = f"*Shortened; the whole text is the resource `{_REST}`.*"
_TABLE = "\n".join(["| | Quantity |", "|---|---|", *["| E1 | 1 px |"] * 600])
_LONG = f"""# Why?

Since it adds. [[1]] It adds twice.

## 2. Workflow

{"It goes in. " * 400}

```mermaid
flowchart LR

{"  a --> b" * 99}
```

## What was measured on your picture

- Edges came out narrower. [[E1]]

{_TABLE}

- `map-restored.png`: restored

## Not run

- read_text did not run: it is not installed.

## 3. References

1. Cho (2021). *Deblurring*. [paper](https://example.org)

## Limits

- It does not enlarge.

---

2 statements checked.

[1]: #3-references"""
_blocks = st.lists(
    st.one_of(
        st.text("ab .!?", max_size=300),
        st.sampled_from(
            ["## 3. References", "### a", "---", "```", "| a |\n|---|\n| b |", "[1]: #x"]
        ),
        st.lists(st.text("ab .", min_size=1, max_size=60), max_size=9).map("\n- ".join),
    ),
    max_size=30,
).map("\n\n".join)


def test_a_short_answer_stays_as_it_is() -> None:
    assert shorten("# Why?\n\nSo.\n\n[1]: #x", _REST) == "# Why?\n\nSo.\n\n[1]: #x"


def test_what_a_reader_needs_stays_and_tables_go_first() -> None:
    text = shorten(_LONG, _REST)
    needed = (
        "Since it adds. [[1]] It adds twice.", "- Edges came out narrower", "1. Cho (2021)",
        "- read_text did not run", "- It does not enlarge.", "2 statements checked",
    )  # fmt: skip
    assert all(part in text for part in needed)
    assert "[1]: #" not in text and "```" not in text
    assert MOST_CHARACTERS - 100 < len(text) <= MOST_CHARACTERS
    assert text.endswith(_NOTE)


def test_prose_ends_with_a_whole_sentence() -> None:
    workflow = shorten(_LONG, _REST, 2_000).partition("## 2. Workflow\n\n")[2]
    assert workflow.partition("\n")[0].endswith("It goes in.")


@given(_blocks, st.integers(len(_NOTE), 900))
def test_nothing_is_worded_anew(text: str, most: int) -> None:
    short = shorten(text, _REST, most)
    assert len(short) <= max(most, len(_NOTE))
    if short != text:
        kept = short.removesuffix(_NOTE).rstrip("\n")
        lines = kept.split("\n") if kept else []
        assert all(line in text for line in lines)
