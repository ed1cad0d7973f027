"""Mermaid: the diagrams of answers are read, anything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.report.diagram import read_diagram


def test_solid_arrows_make_chains_and_dotted_ones_stand_beside() -> None:
    diagram = read_diagram(
        'flowchart LR\n  a["Web image"]\n  b["Enlarge 3×"] --> c["Model: deblurring"]\n'
        '  a --> b\n  c --> d["Result"]\n  d -.-> e["LLaVAR"]'
    )
    assert diagram
    assert diagram.chains == (("Web image", "Enlarge 3×", "Model: deblurring", "Result"),)
    assert diagram.beside == ("LLaVAR",)


def test_two_systems_make_two_chains() -> None:
    diagram = read_diagram("graph TD\na --> b --> c\na --> d\nd --> e")
    assert diagram
    assert diagram.chains == (("a", "b", "c"), ("a", "d", "e"))


def test_a_circle_ends() -> None:
    diagram = read_diagram("flowchart LR\na --> b\nb --> a")
    assert diagram
    assert diagram.chains == (("a", "b", "a"),)


@pytest.mark.parametrize(
    "mermaid",
    [
        "",
        "sequenceDiagram\na --> b",
        'flowchart LR\n  click a href "https://evil.example"',
        "flowchart LR\n  %%{init: {}}%%",
        'flowchart LR\n  a["<img src=x>"] --> b',
        'flowchart LR\n  a["`**x**`"] --> b',
        "flowchart LR\n  a --> b; click a call x()",
        "flowchart LR\n```\n# out",
    ],
)
def test_what_is_not_known_is_not_shown(mermaid: str) -> None:
    assert read_diagram(mermaid) is None


@given(st.text(alphabet='ab["]->.\n|;`<%\x1b ', max_size=40))
def test_whatever_is_read_cannot_leave_its_fence(text: str) -> None:
    diagram = read_diagram(f"flowchart LR\n{text}")
    if diagram:
        assert not set("`<;%\x1b") & set(diagram.source)
