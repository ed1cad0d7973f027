import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.references import references_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://arxiv.org/pdf/2502.16025v1.pdf.", {"arxiv:2502.16025"}),
        ("(http://www.arXiv.org/abs/2502.16025)", {"arxiv:2502.16025"}),
        ("arXiv: 2108.05054v3, and hep-th/9901001", {"arxiv:2108.05054", "arxiv:hep-th/9901001"}),
        ("https://github.com/chosj95/MIMO-UNet.git", {"repo:chosj95/mimo-unet"}),
        ("the repository chosj95/MIMO-UNet,", {"repo:chosj95/mimo-unet"}),
        ("https://github.com/a/b/blob/main/x.py", {"url:github.com/a/b/blob/main/x.py"}),
        ("doi 10.1109/ICCV48922.2021.00460.", {"doi:10.1109/iccv48922.2021.00460"}),
        ("https://doi.org/10.1109/ICCV48922.2021.00460", {"doi:10.1109/iccv48922.2021.00460"}),
        ("www.example.org/a%20b", {"url:example.org/a b"}),
        ("example.com, without a scheme", {"url:example.com"}),
        ("evil.com.", {"url:evil.com"}),
        ("evil.com/x.png", {"url:evil.com/x.png"}),
        ("https://github.com@evil.test/chosj95", {"url:github.com@evil.test/chosj95"}),
        ("ｈｔｔｐｓ://ｅｖｉｌ.example/x", {"url:evil.example/x"}),
        ("https://gıthub.com/a/b", {"url:gıthub.com/a/b"}),
        ("![x](https://evil.test/?q=1)", {"url:evil.test?q=1"}),
    ],
)  # fmt: skip
def test_references_are_found_in_one_normal_form(text: str, found: set[str]):
    assert references_in(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "PSNR 32.45/0.957 at 1280×720 and/or 3×",
        "input/output, before/after, km/h, 1/2",
        "version 2.13.0 takes 0.6 s for 1,024.5000 px",
        "2048.1234 and 1999.99999 are numbers",  # month 48, year 19 of no arXiv
        "e.g. this, i.e. that. Next sentence.",
        "measured on site.com.png and logo.io-small.jpg",
    ],
)
def test_ordinary_prose_holds_no_references(text: str):
    assert references_in(text) == set()


@given(st.text(max_size=300))
def test_any_text_can_be_scanned(text: str):
    references_in(text)


def test_an_address_with_half_a_bracket_is_a_reference_too():
    assert references_in("see http://[::1/v1 there") == {"url:http://[::1/v1"}
