"""Links as people write them."""

from __future__ import annotations

import pytest

from agent.registry.brief.links import add_link, links_in


@pytest.mark.parametrize(
    ("value", "links"),
    [
        ("https://example.org/a", ["https://example.org/a"]),
        ("http://example.org/a.", ["https://example.org/a"]),
        ("HTTP://Example.org/A", ["https://Example.org/A"]),
        ("<https://example.org/a>", ["https://example.org/a"]),
        ("[a paper](https://example.org/a)", ["https://example.org/a"]),
        ("https://example.org/a_(b)", ["https://example.org/a_(b)"]),
        ("(https://example.org/a)", ["https://example.org/a"]),
        ("https://a.org/x, https://b.org/y", ["https://a.org/x", "https://b.org/y"]),
        ("2502.16025v2", ["https://arxiv.org/abs/2502.16025"]),
        ("arXiv:cs/0112017", ["https://arxiv.org/abs/cs/0112017"]),
        ("10.1000/xyz", ["https://doi.org/10.1000/xyz"]),
        ("doi:10.1000/xyz.", ["https://doi.org/10.1000/xyz"]),
        ("see https://example.org/a", []),
        ("https://", []),
        ("https://nohost", []),
        ("https://127.0.0.1/x", []),
        ("https://exämple.org", []),
        ("https://a.org:99999/x", []),
        ("ftp://example.org", []),
        ("words", []),
        ("https://example.org/" + "a" * 5000, []),
    ],
)
def test_links(value: str, links: list[str]) -> None:
    assert links_in(value) == links


def test_labels_are_counted_on() -> None:
    links: dict[str, str] = {}
    for url in ("https://a.org", "https://b.org", "https://a.org", "https://c.org"):
        add_link(links, "paper", url)
    assert links == {
        "paper": "https://a.org",
        "paper-2": "https://b.org",
        "paper-3": "https://c.org",
    }
