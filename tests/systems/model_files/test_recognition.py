from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from agent.settings import Settings
from agent.systems.catalogue import in_place_of
from agent.systems.model_files.recognition import card_of_file, holds_another_network
from agent.types import Card


class FileCard(Card):
    sha256: tuple[str, ...] = ()


def card(id: str, *sha256: str) -> FileCard:
    return FileCard(
        id=id, name=id, task="t", summary="s", links={"p": "https://a.example"}, sha256=sha256
    )


def test_mimo_unet_and_what_cannot_be_read_are_no_other_network(
    weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.pth").write_bytes(b"rubbish")
    for path in (Settings().weights, weights, tmp_path / "none.pth", tmp_path / "a.pth"):
        assert not holds_another_network(Settings(weights=path))
        assert in_place_of("restore", Settings(weights=path)).key == "restore"


def test_any_other_tensors_are_and_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "a.pth"
    torch.save({"conv.weight": torch.zeros(3)}, path)
    assert in_place_of("restore", Settings(weights=path)).key == "model_file"
    assert in_place_of("read_text", Settings(weights=path)).key == "read_text"
    path.write_bytes(b"rubbish")
    assert not holds_another_network(Settings(weights=path))


def test_a_card_is_known_by_any_of_its_files() -> None:
    cards = [card("none"), card("a", "1", "2"), card("b", "2")]
    assert [c and c.id for c in (card_of_file(cards, x) for x in "123")] == ["a", "a", None]
    assert card_of_file([Card(id="x", name="x", task="t", summary="s", links={})], "1") is None


@pytest.mark.usefixtures("one_thread")
def test_what_is_fastest_is_opened_for_either(weights: Path, compact: Callable[..., Path]) -> None:
    from agent.systems.model_files.opening import open_fastest

    assert open_fastest(Settings(weights=weights)).name == "MIMO-UNet"
    path = compact(2)
    restorer = open_fastest(Settings(weights=path), lambda sha256: card("sharp", sha256))
    assert (restorer.name, restorer.scale) == ("sharp", 2)
