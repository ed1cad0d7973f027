"""Links: only web addresses, with nothing in them that a page could misread."""

from __future__ import annotations

import pytest

from agent.report.links import code_link, paper_link, web_link


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example/x",
        "evil.example",
        "ftp://evil.example",
        "https://",
        "https://a.b/\u202egnp",
        "https://a.b/\x1b",
        "https://[broken",
        "",
    ],
)
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    assert web_link(url) is None


def test_an_ordinary_address_stays_as_it_is() -> None:
    url = "https://openaccess.thecvf.com/content/ICCV2021/papers/Cho_A-B.pdf?x=1&y=%20#page=2"
    assert web_link(url) == url


def test_what_would_end_a_link_is_encoded() -> None:
    assert web_link("http://a.b/c) <d>\"'`{}\\é") == (
        "http://a.b/c%29%20%3Cd%3E%22%27%60%7B%7D%5C%C3%A9"
    )


def test_paper_and_code_are_found_by_their_labels() -> None:
    links = {"Code": "https://a.b/code", "project": "https://a.b/", "Paper": "https://a.b/paper"}
    assert paper_link(links) == "https://a.b/paper"
    assert code_link(links) == "https://a.b/code"
    assert paper_link({"code": "https://a.b", "project": "https://c.d"}) == "https://c.d"
    assert paper_link({"code": "https://a.b"}) is None
    assert code_link({"paper": "javascript:x"}) is None
