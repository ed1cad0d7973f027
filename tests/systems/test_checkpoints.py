"""Files of weights come from anywhere: what is hostile or broken is refused on one line."""

from __future__ import annotations

import json
import pickle
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import save_file

from agent.errors import CheckpointError
from agent.systems.checkpoints import read_state

STATE = {"a.weight": torch.arange(4.0), "b.weight": torch.ones(2, 3)}


class Program:
    """Writes a file when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.place,)


def refused(path: Path) -> str:
    with pytest.raises(CheckpointError) as caught:
        read_state(path)
    text = str(caught.value)
    assert "\n" not in text and text.startswith(f"{path}: ")
    return text


@pytest.mark.parametrize(
    "content",
    [
        STATE,
        {"model": STATE, "epoch": 3},
        {"params": {}, "params_ema": STATE},
        {"iteration": 7, "state_dict": {f"module.{name}": t for name, t in STATE.items()}},
        {"whatever": STATE},
    ],
)
def test_the_mapping_is_found_wherever_programs_keep_it(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "a.pth"
    torch.save(content, path)
    read = read_state(path)
    assert list(read) == list(STATE)
    assert all(torch.equal(read[name], STATE[name]) for name in STATE)


def test_a_program_in_a_pickle_is_not_run(tmp_path: Path) -> None:
    for name, save in (("zip.pth", torch.save), ("plain.pth", _pickled)):
        save({"a": Program(tmp_path / "ran")}, tmp_path / name)
        assert "only tensors are ever unpickled" in refused(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def _pickled(content: Any, path: Path) -> None:
    path.write_bytes(pickle.dumps(content))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_program_of_torchscript_is_not_run(tmp_path: Path) -> None:
    scripted = torch.jit.trace(torch.nn.Linear(2, 2), torch.zeros(1, 2))
    torch.jit.save(scripted, tmp_path / "a.pt")  # type: ignore[no-untyped-call]
    assert "it holds a program (TorchScript)" in refused(tmp_path / "a.pt")


def test_an_archive_that_unpacks_to_more_than_it_is_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.pth", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", b"\0" * 50_000_000)
    assert (tmp_path / "bomb.pth").stat().st_size < 100_000
    assert "it would unpack to 50,000,000 bytes" in refused(tmp_path / "bomb.pth")


def test_tensors_that_claim_more_than_the_file_holds_are_refused(tmp_path: Path) -> None:
    torch.save({"a": torch.ones(1).expand(10**6, 10**6)}, tmp_path / "one.pth")
    assert "does not hold all of the tensor 'a'" in refused(tmp_path / "one.pth")
    torch.save({"a": torch.empty(10**6, 10**6, device="meta")}, tmp_path / "none.pth")
    assert "does not hold all of the tensor 'a'" in refused(tmp_path / "none.pth")
    shared = torch.ones(100_000)
    torch.save({f"a{i}": shared for i in range(100)}, tmp_path / "shared.pth")
    assert "share their data" in refused(tmp_path / "shared.pth")


@pytest.mark.parametrize(
    "header",
    [
        struct.pack("<Q", 2**63) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 1000) + b"{",
        b"",
    ],
)
def test_an_absurd_header_is_refused(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "a.safetensors"
    path.write_bytes(header)
    assert "not a PyTorch checkpoint or .safetensors file" in refused(path)


def test_a_header_that_names_data_beyond_the_end_is_refused(tmp_path: Path) -> None:
    entry = {"a": {"dtype": "F32", "shape": [2**40], "data_offsets": [0, 2**42]}}
    text = json.dumps(entry).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(struct.pack("<Q", len(text)) + text)
    assert "not a PyTorch checkpoint or .safetensors file" in refused(path)


def test_a_text_is_refused_in_words_that_a_person_understands(tmp_path: Path) -> None:
    (path := tmp_path / "a.pth").write_text("hello\n")
    assert refused(path).endswith("not a PyTorch checkpoint or .safetensors file")


def test_nothing_is_no_mapping(tmp_path: Path) -> None:
    torch.save({}, tmp_path / "a.pth")
    assert "expected a mapping of names to tensors" in refused(tmp_path / "a.pth")


@given(content=st.binary(max_size=300))
def test_random_bytes_are_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.mktemp("random") / "a.pth"
    path.write_bytes(content)
    refused(path)


@pytest.mark.parametrize("cut", [10, 400, -30])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, cut: int) -> None:
    for name, save in (("a.pth", torch.save), ("a.safetensors", save_file)):
        save(STATE, tmp_path / name)
        whole = (tmp_path / name).read_bytes()
        (tmp_path / name).write_bytes(whole[: min(cut, len(whole) - 5)])
        refused(tmp_path / name)
