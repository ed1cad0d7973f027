from __future__ import annotations

import pytest

from agent.errors import InputError
from agent.registry.arxiv_catalogue import arxiv_id


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("2502.16025", "2502.16025"),
        (" arxiv:2502.16025 ", "2502.16025"),
        ("arXiv: 2502.16025v2", "2502.16025v2"),
        ("https://arxiv.org/abs/2502.16025", "2502.16025"),
        ("http://arxiv.org/pdf/2502.16025v1.pdf", "2502.16025v1"),
        ("https://www.arxiv.org/html/2502.16025v3#S1", "2502.16025v3"),
        ("arxiv.org/abs/2502.16025?context=cs", "2502.16025"),
        ("https://doi.org/10.48550/arXiv.2502.16025", "2502.16025"),
        ("cs/0112017", "cs/0112017"),
        ("https://arxiv.org/abs/math.GT/0309136v1", "math.GT/0309136v1"),
    ],
)
def test_an_id_is_found_in_every_usual_form(text: str, id: str) -> None:
    assert arxiv_id(text) == id


@pytest.mark.parametrize(
    "text",
    ["", "arxiv:", "featsharp", "2513.16025", "2502.160", "https://example.org/abs/2502.16025",
     "2502.16025 2502.16026", "2502.16025&start=1", "\x1b[31m", "x" * 10_000],
)  # fmt: skip
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="expected one such as arxiv:2502") as caught:
        arxiv_id(text)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300
