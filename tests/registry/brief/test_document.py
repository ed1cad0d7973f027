"""Briefs taken apart: the seed's form, what people make of it, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import InputError
from agent.registry.brief import read_brief, read_brief_file
from agent.registry.brief.entries import MAX_ENTRIES

BRIEF = """A user has asked:
"Why are the edges sharp?"

Explain it. Use only the provided models.

### Recommended AI Models:
Model: SharpNet
Paper: https://example.org/sharpnet.pdf
GitHub: https://github.com/someone/SharpNet

### Related Papers:
Model: A Study: of Edges
Paper: http://arxiv.org/pdf/2502.16025v1.pdf
Summary: Edges are studied. They matter.

A second paragraph says more: much more.

Model: Another
Summary: No link here.

Answer: nothing of this: is read.
"""


def test_a_brief_of_the_usual_form() -> None:
    brief = read_brief(BRIEF, "b.md")
    assert brief.question == "Why are the edges sharp?"
    (sharp,), (study, another) = brief.recommended, brief.related
    assert (sharp.name, sharp.line, sharp.summary) == ("SharpNet", 7, "")
    assert sharp.links == {
        "paper": "https://example.org/sharpnet.pdf",
        "code": "https://github.com/someone/SharpNet",
    }
    assert study.name == "A Study: of Edges"
    assert study.links == {"paper": "https://arxiv.org/pdf/2502.16025v1.pdf"}
    assert study.summary.endswith("They matter. A second paragraph says more: much more.")
    assert (another.name, another.links, another.summary) == ("Another", {}, "No link here.")


def test_the_seed(shared: Path) -> None:
    brief = read_brief((shared / "seed/question.txt").read_text(encoding="utf-8"), "question.txt")
    assert brief.question.startswith("I upscaled a web image by 3×")
    assert [entry.name for entry in brief.recommended] == ["Deblur-MIMO-UNet-Plus"]
    assert [list(entry.links) for entry in brief.related] == [
        ["paper"],
        ["paper", "code"],
        ["paper", "code"],
    ]
    assert all(len(entry.summary) > 900 for entry in brief.related)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("\n", "\r\n"),
        ("\n", "\r"),
        ("### ", "# "),
        ("### ", "###### "),
        ("### Recommended AI Models:", "Recommended AI Models:"),
        ("### Recommended AI Models:", "**Recommended models**"),
        ("### Related Papers:", "## **Related papers**"),
        ("Model: SharpNet", "- **Model:** SharpNet"),
        ("Model: SharpNet", "**Model**: **SharpNet**"),
        ("Model: SharpNet", "1. Model: SharpNet"),
        ("Model: SharpNet", "#### Model: SharpNet"),
        ("Model: SharpNet", "   model :   SharpNet   "),
        ("Paper: https://example.org/sharpnet.pdf", "* Paper: <https://example.org/sharpnet.pdf>"),
        (
            "Paper: https://example.org/sharpnet.pdf",
            "Paper: [PDF](https://example.org/sharpnet.pdf)",
        ),
        ("Paper: https://example.org/sharpnet.pdf", "Paper:\n  https://example.org/sharpnet.pdf."),
        ("GitHub: https", "Code: https"),
        ("GitHub: https", "Project: n/a\nGITHUB: https"),
        ('"Why are the edges sharp?"', "“Why are the edges sharp?”"),
        ('"Why are the edges sharp?"', '> **"Why are the edges sharp?"**'),
        ('"Why are the edges sharp?"', '"Why are\nthe edges sharp?"'),
        ('\n"Why are the edges sharp?"', ' "Why are the edges sharp?"'),
        ('"Why are the edges sharp?"', "**Question:** Why are the edges sharp?"),
        ("A user", "\ufeffA user"),
        ("\n\n", "\n\n---\n\n"),
    ],
)
def test_spelling_that_does_not_matter(old: str, new: str) -> None:
    assert old in BRIEF
    plain, other = read_brief(BRIEF, "b.md"), read_brief(BRIEF.replace(old, new), "b.md")
    assert other.question == plain.question
    assert [(e.name, e.links) for e in (*other.recommended, *other.related)] == [
        (e.name, e.links) for e in (*plain.recommended, *plain.related)
    ]


def test_quotation_marks_inside_the_question() -> None:
    text = BRIEF.replace("Why are the edges sharp?", 'Why does it say: "OPEN", not "0PEN"?')
    assert read_brief(text, "b").question == 'Why does it say: "OPEN", not "0PEN"?'


def test_several_links_of_a_kind_and_kinds_of_its_own() -> None:
    text = BRIEF.replace(
        "GitHub: https",
        "Paper: https://example.org/b.pdf\nPoster: https://example.org/p\narXiv: 2108.05054v2\n"
        "DOI: 10.1109/ICCV48922.2021.00460\nGitHub: https",
    )
    assert read_brief(text, "b").recommended[0].links == {
        "paper": "https://example.org/sharpnet.pdf",
        "paper-2": "https://example.org/b.pdf",
        "poster": "https://example.org/p",
        "arxiv": "https://arxiv.org/abs/2108.05054",
        "doi": "https://doi.org/10.1109/ICCV48922.2021.00460",
        "code": "https://github.com/someone/SharpNet",
    }


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ('"Why are the edges sharp?"', "", 1, "no question"),
        ('"Why are the edges sharp?"', '""', 2, "question is empty"),
        ('"Why are the edges sharp?"', '"Why', 2, "never closed"),
        ("Why are the edges sharp?", "why " * 6000, 2, "characters"),
        ("### Recommended AI Models:", "### Things:", 22, "no models are recommended"),
        ("### Related", "### Recommended", 11, "second heading"),
        ("Model: SharpNet\n", "", 7, "before any name"),
        ("Model: SharpNet", "Model:", 7, "without a name"),
        ("Model: SharpNet", "Model: " + "x" * 301, 7, "a name of 301"),
        ("Model: Another", "Model: sharpnet", 18, "line 7"),
        ("GitHub: https", "Githb: https", 9, "did you mean GitHub?"),
        (
            "GitHub: https",
            "Author: Jane\nGitHub: https",
            9,
            "unknown field 'Author'; expected Model",
        ),
        ("Summary: Edges", "Sumary: Edges", 14, "did you mean Summary?"),
        ("https://example.org/sharpnet.pdf", "ftp://example.org/x", 8, "is not a link"),
        ("https://example.org/sharpnet.pdf", "javascript:alert(1)", 8, "is not a link"),
        ("https://example.org/sharpnet.pdf", "https://user:pw@example.org/x", 8, "is not a link"),
        ("https://example.org/sharpnet.pdf", "https://localhost/x", 8, "is not a link"),
        ("https://example.org/sharpnet.pdf", "the ICCV proceedings", 8, "is not a link"),
        ("SharpNet\n", "Sharp\x1b[31mNet\n", 7, "U+001B"),
        ("Edges are", "Edges \u202e are", 14, "U+202E"),
        ("Edges are", "Edges \x00 are", 14, "U+0000"),
        ("Edges are", "Edges \udc80 are", 14, "U+DC80"),
        ("Edges are", "Edges " + "are " * 260_000, 1, "bytes"),
    ],
)
def test_a_fault_is_told_with_its_line(old: str, new: str, line: int, said: str) -> None:
    assert old in BRIEF
    with pytest.raises(InputError) as error:
        read_brief(BRIEF.replace(old, new, 1), "some/brief.md")
    message = str(error.value)
    assert message.startswith(f"some/brief.md:{line}: ")
    assert said in message and "expected" in message
    assert message.isprintable()


def test_a_heading_without_models_below_it() -> None:
    with pytest.raises(InputError, match=r"b\.md:4: no model is listed"):
        read_brief('A user:\n"Why?"\n\n### Recommended AI Models:\n\n### Related Papers:\n', "b.md")


def test_too_many_entries() -> None:
    entries = "".join(f"Model: Net{i}\n" for i in range(MAX_ENTRIES + 1))
    with pytest.raises(InputError, match="more than"):
        read_brief(f'"Why?"\n### Recommended\n{entries}', "b.md")


@pytest.mark.parametrize("text", ["", "\n" * 50, "Model: X", "### Recommended AI Models:"])
def test_next_to_nothing_is_told_politely(text: str) -> None:
    with pytest.raises(InputError, match=r"^b:\d+: "):
        read_brief(text, "b")


PIECES = st.sampled_from(
    ["### Recommended AI Models:", "## Related", "Model: A", "Model:", "Paper: https://a.org",
     "x: y",
     '"Why?"', "“", "Summary: s", "Answer:", "", "- ", "**", "# ", "text",
     "https://a.org", "[](", "::"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [(b'"Why?" \xff', "not UTF-8 text (byte 7"), (None, "cannot be read (No such file")],
)
def test_a_file_that_is_no_text_is_refused_with_its_name(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "brief.md"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_brief_file(path)
    assert str(refused.value).startswith(f"{path}: ") and message in str(refused.value)


@settings(max_examples=200)
@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=12))
def test_any_document_is_read_or_refused(lines: list[str]) -> None:
    try:
        brief = read_brief("\n".join(lines), "b")
    except InputError as error:
        assert str(error).startswith("b:")
    else:
        assert brief.question and brief.recommended


@pytest.mark.parametrize(
    "unit",
    ["“a\n", '"', "# ", "[", "](", ": ", "a: b\n", "**", "Model", "e.g. A ", "x ", ". ", "https://a(",
     "- ", "\n"],
)  # fmt: skip
def test_repetition_does_not_make_it_slow(unit: str) -> None:
    # Something that grows with the square of the size would take minutes here; nothing is timed.
    filling = unit * (200_000 // len(unit))
    for text in (
        filling,
        f'"Why?"\n### Recommended\nModel: A\nSummary: {filling}',
        f"# {filling}x",
    ):
        try:
            read_brief(text, "b")
        except InputError:
            continue
