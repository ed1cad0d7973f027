from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from safetensors.torch import save_file

from agent.cli import main
from agent.errors import CheckpointError
from agent.systems.restoration.network import MIMOUNet, load_checkpoint
from agent.systems.restoration.onnx import to_onnx

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_file({k: v.half() for k, v in MIMOUNet(2).state_dict().items()}, path)
    return path


@pytest.fixture(scope="module")
def model(weights: Path) -> bytes:
    return to_onnx(weights)


def session(model: bytes) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level, options.intra_op_num_threads = 4, 1
    return onnxruntime.InferenceSession(model, options)


def test_onnxruntime_computes_the_same_at_any_size(weights: Path, model: bytes) -> None:
    net, runtime = load_checkpoint(weights), session(model)
    for shape in ((1, 3, 32, 32), (1, 3, 4, 4), (2, 3, 20, 60), (1, 3, 64, 12)):
        x = torch.rand(shape, generator=torch.Generator().manual_seed(0))
        (result,) = runtime.run(None, {"image": x.numpy()})
        with torch.inference_mode():
            wanted = net(x)[2].numpy()
        assert result.shape == wanted.shape and np.abs(result - wanted).max() < 1e-4
        assert np.abs(result - x.numpy()).max() > 1e-3


def test_other_sizes_are_refused_and_not_computed_askew(model: bytes) -> None:
    runtime = session(model)
    for height, width in ((17, 16), (16, 18), (19, 19), (30, 32)):
        with pytest.raises(Exception, match="Non-zero status code"):
            runtime.run(None, {"image": np.zeros((1, 3, height, width), np.float32)})


def test_the_file_says_what_it_is(weights: Path, model: bytes) -> None:
    loaded = onnx.load_from_string(model)
    told = {item.key: item.value for item in loaded.metadata_props}
    assert told["multiple_of"] == "4" and "2 residual blocks" in told["architecture"]
    assert told["weights_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    shape = loaded.graph.input[0].type.tensor_type.shape
    assert [side.dim_param or side.dim_value for side in shape.dim] == [
        "batch", 3, "height", "width"
    ]  # fmt: skip


def test_missing_weights_are_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"none\.safetensors"):
        to_onnx(tmp_path / "none.safetensors")


@pytest.mark.slow
def test_the_command_exports_and_overwrites_only_when_told_to(
    weights: Path, tmp_path: Path, capsys
) -> None:
    target = tmp_path / "new" / "net.onnx"
    arguments = ["export", "onnx", "-o", str(target), "--weights", str(weights)]
    assert main(arguments) == 0
    assert capsys.readouterr().out.startswith(f"{target}: ")
    assert session(target.read_bytes()).get_inputs()[0].name == "image"
    assert main(arguments) == 2 and "--overwrite" in capsys.readouterr().err
    assert main([*arguments, "--overwrite"]) == 0
