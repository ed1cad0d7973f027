"""`groundglass restore` as people use and misuse it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from agent.systems.restoration.network import MIMOUNet
from tests.cli.command import run


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    torch.manual_seed(0)
    path = tmp_path / "tiny.safetensors"
    save_file(MIMOUNet(1).state_dict(), path)
    return path


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    path = tmp_path / "shot.png"
    noise = np.random.default_rng(0).integers(90, 160, (20, 28, 3), np.uint8)
    Image.fromarray(noise).save(path)
    return path


def test_a_picture_is_restored_and_told(weights, shot, tmp_path, capsys):
    target = tmp_path / "out.webp"
    assert run("restore", shot, "-o", target, "--scale", 2, "--weights", weights) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"{shot}: restored, {target}, 56 × 40 px, ") and told.err == ""
    assert told.out.count("\n") == 1
    with Image.open(target) as image:
        assert (image.format, image.size) == ("WEBP", (56, 40))


def test_failures_are_told_counted_and_end_in_one(weights, shot, tmp_path, capsys):
    (tmp_path / "text.png").write_text("hello")
    out = tmp_path / "out"
    assert run("restore", tmp_path / "*.png", "-o", out, "--weights", weights) == 1
    told = capsys.readouterr()
    assert told.err.startswith(f"{tmp_path / 'text.png'}: failed: is text, whatever its name says")
    assert told.out.endswith("2 pictures: 1 restored, 0 doubtful, 1 failed\n")
    assert [path.name for path in out.iterdir()] == ["shot.png"]


def test_what_is_left_out_of_a_folder_is_told_and_no_failure(weights, shot, tmp_path, capsys):
    home = tmp_path / "pictures"
    home.mkdir()
    shot.rename(home / "shot.png")
    (home / "._shot.png").write_bytes(b"\0\5\26\7")
    (home / "z.heic").write_bytes(b"\0\0\0\x18ftypheic")
    assert run("restore", home, "-o", home / "restored", "--weights", weights) == 0
    told = capsys.readouterr()
    assert told.out.startswith(f"{home / 'shot.png'}: restored, ")
    assert told.err == (
        f"groundglass: {home}: left out, no picture that can be read: {home / 'z.heic'}\n"
    )


def test_a_doubtful_result_is_not_passed_off_as_success(weights, tmp_path, capsys):
    Image.new("RGB", (20, 20), (9, 9, 9)).save(tmp_path / "flat.png")
    assert run("restore", tmp_path / "flat.png", "-o", tmp_path / "o", "--weights", weights) == 0
    told = capsys.readouterr().out
    assert ": doubtful, " in told and "flat, all of one colour: there was nothing" in told


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "required: IN, -o/--output"),
        (["a.png"], 2, "-o/--output"),
        (["nowhere/*.png", "-o", "x"], 2, "no pictures found"),
        (["a.png", "-o", "x", "--scale", "9"], 2, "--scale"),
        (["a.png", "-o", "x", "--tile", "most"], 3, "--tile"),
        (["a.png", "-o", "x", "--tile", "130"], 3, "--tile"),
        (["a.png", "-o", "x", "--precision", "int4"], 2, "--precision"),
        (["a.png", "-o", "x", "--weights", "/nowhere.pkl"], 3, "/nowhere.pkl"),
        (["a.png", "b.png", "-o", "x.png"], 2, "2 pictures cannot be written to one file"),
        (["a.png", "-o", "x", "--device", "abacus"], 3, "abacus"),
        (["a.png", "-o", "x.heic"], 2, ".heic cannot be written; use one of .png"),
        (["a.png", "-o", ""], 2, "path is empty"),
        (["https://a.test/a.png", "-o", "x"], 2, "is a network address"),
    ],
)
def test_a_mistake_gets_one_line_and_its_exit_code(arguments, code, said, capsys):
    assert run("restore", *arguments) == code
    printed, error = capsys.readouterr()
    assert said in error and printed == ""
    assert error.count("\n") == 1 and error.startswith("groundglass: ")


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there are no such signals there")
def test_control_c_ends_with_130_and_leaves_nothing_half(weights, tmp_path):
    noise = np.random.default_rng(0).integers(0, 256, (1024, 1024, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "large.png")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "agent", "restore", str(tmp_path / "large.png"), "-o",
               str(out), "--scale", "8", "--weights", str(weights), "--tile", "128"]  # fmt: skip
    terminal, inside = os.openpty()
    # Tests that run in the background of a shell ignore the signal, and would hand that down.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=inside)
    signal.signal(signal.SIGINT, before)
    try:
        shown = b""
        while b" tiles" not in shown:
            shown += os.read(terminal, 4096)
        process.send_signal(signal.SIGINT)
        process.wait(60)
    finally:
        process.kill()
        process.stdout.close()
        os.close(inside)
        os.close(terminal)
    assert process.returncode == 130
    assert not out.exists()


def test_weights_of_another_network_are_named_and_what_was_done_with_its_scale(
    shot, tmp_path, capsys
):
    from agent.systems.torchvision_ops import import_torchvision

    try:
        import_torchvision()
        from spandrel.architectures.Compact import Compact
    except ImportError:
        pytest.skip("spandrel is not installed; pip install 'groundglass[models]'")
    net = Compact(num_in_ch=3, num_out_ch=3, num_feat=4, num_conv=1, upscale=4)
    torch.save(net.state_dict(), tmp_path / "4x.pth")
    arguments = ("restore", shot, "-o", tmp_path / "out.png", "--weights", tmp_path / "4x.pth")
    assert run(*arguments, "--scale", 3) == 0
    told = capsys.readouterr().out
    assert "84 × 60 px" in told and "MIMO" not in told
    assert "; by a network of architecture RealESRGAN Compact, not in the registry; " in told
    assert "the network enlarges 4 times, so its result was reduced to 3 times" in told


def test_weights_of_a_network_that_nobody_knows_are_refused_on_one_line(shot, tmp_path, capsys):
    save_file({"head.weight": torch.zeros(10, 4)}, tmp_path / "a.safetensors")
    arguments = ("restore", shot, "-o", tmp_path / "out", "--weights", tmp_path / "a.safetensors")
    assert run(*arguments) == 3
    told = capsys.readouterr()
    assert told.out == "" and told.err.count("\n") == 1
    assert not (tmp_path / "out").exists()
