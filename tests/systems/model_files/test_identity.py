from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from agent.errors import InputError
from agent.files import DEFAULT_WEIGHTS
from agent.systems.model_files import identity as room
from agent.systems.model_files.identity import identify

pytestmark = pytest.mark.usefixtures("one_thread")

Compact = Callable[..., Path]


def test_a_network_that_spandrel_knows(compact: Compact) -> None:
    path, calls = compact(4), []
    found = identify(path, lambda *call: calls.append(call))
    content = path.read_bytes()
    assert (found.bytes, found.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert calls == [(len(content), len(content))]
    assert (found.format, found.architecture) == ("PyTorch", "RealESRGAN Compact")
    assert (found.purpose, found.scale, found.channels) == ("SR", 4, (3, 3))
    state = torch.load(path, weights_only=True)["params"]
    assert found.tensors == len(state)
    assert found.parameters == sum(tensor.numel() for tensor in state.values())
    assert found.dtypes == ("float32",) and not found.shipped
    assert found.notes == ("spandrel describes it as 4nf, 2nc",)


def test_mimo_unet_and_what_ships_need_no_spandrel(
    weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "spandrel", None)
    own, small = identify(DEFAULT_WEIGHTS), identify(weights)
    assert (own.architecture, own.scale, own.shipped) == ("MIMO-UNet+", 1, True)
    assert (own.format, own.dtypes) == ("safetensors", ("float16",))
    assert (small.architecture, small.shipped) == ("MIMO-UNet", False)
    assert small.notes == ("residual blocks a stage: 1",)


def test_without_spandrel_names_and_shapes_are_told(
    compact: Compact, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = compact(4)
    monkeypatch.setitem(sys.modules, "spandrel", None)
    found = identify(path)
    assert found.architecture is None and found.tensors == 11
    assert "pip install 'groundglass[models]'" in found.notes[0]
    assert found.notes[1] == (
        "4 tensors have the shape of convolutions, with kernels of 3×3 and up to 48 channels"
    )


@pytest.mark.usefixtures("architectures")
def test_a_network_that_nobody_knows(tmp_path: Path) -> None:
    torch.save({"head.weight": torch.zeros(10, 4)}, tmp_path / "a.pth")
    found = identify(tmp_path / "a.pth")
    assert (found.architecture, found.scale, found.channels) == (None, None, None)
    assert (found.tensors, found.parameters) == (1, 40)
    (note,) = found.notes
    assert "does not recognise this network" in note


def test_an_onnx_model_tells_its_graph_and_no_architecture(tmp_path: Path) -> None:
    weight = helper.make_tensor("w", TensorProto.FLOAT, (2, 3), range(6))
    graph = helper.make_graph(
        [helper.make_node("MatMul", ["x", "w"], ["y"])], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 2))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, (1, 3))], [weight],
    )  # fmt: skip
    onnx.save(helper.make_model(graph, producer_name="a\x1bb"), tmp_path / "a.onnx")
    found = identify(tmp_path / "a.onnx")
    assert (found.format, found.tensors, found.parameters) == ("ONNX", 1, 6)
    assert (found.architecture, found.scale, found.dtypes) == (None, None, ("float",))
    assert found.notes[:2] == ("a graph of 1 node, 1 MatMul", "written by a\\x1bb")
    (tmp_path / "b.onnx").write_bytes(b"\xff" * 40)
    (tmp_path / "c.onnx").touch()
    for name in ("b.onnx", "c.onnx"):
        damaged = identify(tmp_path / name)
        (note,) = damaged.notes
        assert note.startswith("not an ONNX model (") and "\n" not in note
        assert (damaged.readable, damaged.tensors) == (False, None)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("a.param", b"7767517\n2 2\n", "ncnn, the layers of a network"),
        ("a.bin", b"\0\1\2", "perhaps the weights of an ncnn network"),
        ("a.dat", b"\0\1\2", "unknown"),
        ("a.dat", b"", "unknown"),
    ],
)
def test_of_other_files_only_the_hash_is_told(
    tmp_path: Path, name: str, content: bytes, kind: str
) -> None:
    (tmp_path / name).write_bytes(content)
    found = identify(tmp_path / name)
    assert found.format.startswith(kind)
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert (found.architecture, found.tensors, found.notes) == (None, None, ())
    assert found.parameters is None and found.readable


def test_a_program_is_not_run_and_the_hash_is_told_all_the_same(tmp_path: Path) -> None:
    import pickle

    path = tmp_path / "a.pth"
    path.write_bytes(pickle.dumps(Touch(tmp_path / "ran")))
    found = identify(path)
    assert found.format == "PyTorch" and "only tensors are ever unpickled" in found.notes[0]
    assert not (tmp_path / "ran").exists()


class Touch:
    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.place,)


@given(
    content=st.binary(max_size=200),
    start=st.sampled_from([b"", b"PK\3\4", b"\x80\2", b'\2\0\0\0\0\0\0\0{"']),
    suffix=st.sampled_from([".pth", ".safetensors", ".onnx", ".param", ".bin", ""]),
)
def test_any_bytes_are_told_of_on_one_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, start: bytes, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("any") / f"a{suffix}"
    path.write_bytes(start + content)
    found = identify(path)
    assert found.architecture is None
    assert all(note.isprintable() for note in found.notes)


def test_what_is_too_large_is_hashed_alone(
    compact: Compact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MOST_BYTES", 100)
    found = identify(compact(2))
    assert found.architecture is None and "not looked into" in found.notes[0]


def test_what_is_no_file_is_refused_and_told_as_what_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path, what in (
        (tmp_path, "is a folder"),
        (tmp_path / "none", "no such file"),
        (tmp_path / "pipe", "is a pipe, socket or device"),
        (Path(os.devnull), "is a pipe, socket or device"),
    ):
        with pytest.raises(InputError, match=f"{what}; expected a model file"):
            identify(path)
