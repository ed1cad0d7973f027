"""Pictures that come with a call, and the small ones that go back."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from agent.errors import InputError
from agent.imaging.picture import Picture
from agent.settings import Settings
from agent.web.mcp.pictures import MOST_BYTES, MOST_SIDE, at_hand, preview
from agent.web.options import ServerOptions
from agent.web.service import Service
from tests.web.pictures import data_uri, png


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    options = ServerOptions(allow=(tmp_path_factory.mktemp("allowed"),), max_pictures=2)
    with Service(Settings(), options) as running:
        yield running


async def paths(service: Service, *names: str) -> list[bytes]:
    async with at_hand(names, service) as found:
        return [path.read_bytes() for path in found]


def test_pictures_keep_their_order_and_nothing_of_them_stays(service: Service) -> None:
    named = service.options.allow[0] / "named.png"
    named.write_bytes(png(9, 9))
    before = set(service.workspace.path.iterdir())

    found = asyncio.run(paths(service, data_uri(png()), str(named)))

    assert found == [png(), png(9, 9)]
    assert set(service.workspace.path.iterdir()) == before
    assert named.exists()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["data:text/html,x"], "not a data URI"),
        (["data:image/png;base64,%%"], "not valid base64"),
        ([data_uri(b"x" * 1_000_001)], "larger than 1,000,000 bytes"),
        ([data_uri(b"x")], "expected a picture"),
        (["https://example.org/a.png"], "downloads nothing"),
        (["/etc/passwd"], "--allow DIR"),
        ([data_uri(png())] * 3, "at most 2"),
    ],
)
def test_what_is_no_picture_here_is_refused(service: Service, names: list[str], told: str) -> None:
    before = set(service.workspace.path.iterdir())
    with pytest.raises(InputError, match=told) as error:
        asyncio.run(paths(service, *names))
    assert str(service.workspace.path) not in str(error.value)
    assert set(service.workspace.path.iterdir()) == before


@given(
    st.integers(1, 1_500), st.integers(1, 60), st.integers(1, 8), st.booleans(),
    st.sampled_from([np.uint8, np.uint16]),
)  # fmt: skip
def test_a_preview_is_small_and_has_the_shape_of_the_picture(
    width: int, height: int, factor: int, alpha: bool, kind: type[np.uint8 | np.uint16]
) -> None:
    noise = np.random.default_rng(0)
    pixels = noise.integers(0, np.iinfo(kind).max, (height, width, 3), dtype=kind)
    small = preview(Picture("a", pixels, pixels[..., 0] if alpha else None), factor)

    with Image.open(io.BytesIO(small.content)) as shown:
        longer = min(MOST_SIDE, factor * max(width, height))
        assert max(shown.size) == longer
        assert shown.get_format_mimetype() == small.media_type
    assert len(small.content) <= MOST_BYTES


def test_a_preview_of_noise_is_small_as_well(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (1_400, 1_400, 3), dtype=np.uint8)
    assert len(preview(Picture("a", pixels)).content) <= MOST_BYTES
