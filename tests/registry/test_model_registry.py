"""The text of `model_registry.yaml`: right where a figure can be redone."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

from agent.files import DEFAULT_REGISTRY
from agent.types import Card


@cache
def cards() -> dict[str, Card]:
    document = yaml.safe_load(DEFAULT_REGISTRY.read_text(encoding="utf-8"))
    assert list(document) == ["models", "questions"]
    return {entry["id"]: Card.model_validate(entry) for entry in document["models"]}


def sentence(card: str, claim: str) -> str:
    held = cards()[card]
    return next(c.text for c in (*held.claims, *held.limits) if c.id == claim)


def measure(card: str, quantity: str, dataset: str) -> float:
    (found,) = (
        m.value for m in cards()[card].measures if (m.quantity, m.dataset) == (quantity, dataset)
    )
    return found


def test_the_four_systems_are_there() -> None:
    assert list(cards()) == ["mimo-unet-plus", "featsharp", "llavar", "saliency-semantic-rsa"]
    assert cards()["mimo-unet-plus"].name == "MIMO-UNet+"
    tools = {card.id: card.tool for card in cards().values() if card.tool}
    assert tools["mimo-unet-plus"] == "restore"
    assert tools["llavar"] == "read_text"
    assert tools["saliency-semantic-rsa"] == "compare_representations"
    assert tools["featsharp"] == "sharpen_features"


@pytest.mark.parametrize(
    ("card", "claim", "fragments"),
    [
        ("mimo-unet-plus", "does-not-enlarge", ["deblurs and does not enlarge"]),
        ("mimo-unet-plus", "runtime-not-synchronised", ["8 ms", "17 ms", "without waiting"]),
        ("mimo-unet-plus", "runtime-synchronised", ["0.282 s", "0.025 s", "RTX 3090"]),
        ("mimo-unet-plus", "ensemble-not-a-network", ["MIMO-UNet++", "ensemble"]),
        ("mimo-unet-plus", "no-licence", ["no licence"]),
        ("mimo-unet-plus", "trained-on-motion-blur", ["motion blur", "enlarging"]),
        ("mimo-unet-plus", "loss-sum", ["three sizes", "L1", "0.1", "Fourier"]),
        ("mimo-unet-plus", "retraining-falls-short", ["31.36", "31.60", "31.29"]),
        ("featsharp", "no-weights", ["No trained weights"]),
        ("featsharp", "non-commercial-nvidia-only", ["research and evaluation only", "NVIDIA"]),
        ("featsharp", "mmd-weight-zero", ["MMD", "weight 0"]),
        ("featsharp", "sharpens-features-not-pictures", ["no picture"]),
        ("llavar", "not-best-on-ocr-vqa", ["not the best", "23.8", "30.7", "28.6", "27.8"]),
        ("saliency-semantic-rsa", "no-licence", ["no licence"]),
        ("saliency-semantic-rsa", "mislabelled-transformer", ["vit_l14", "vit_l_16"]),
        ("saliency-semantic-rsa", "one-picture-is-not-enough", ["one picture", "three pictures"]),
    ],
)
def test_what_is_often_got_wrong_is_told_right(card: str, claim: str, fragments: list[str]) -> None:
    assert [f for f in fragments if f not in sentence(card, claim)] == []


def test_figures_of_the_network_match_the_network() -> None:
    import torch

    from agent.systems.restoration.network import MIMOUNet

    with torch.device("meta"):
        small, plus = MIMOUNet(8), MIMOUNet(20)
    count = {net: sum(p.numel() for p in net.parameters()) for net in (small, plus)}
    claim = sentence("mimo-unet-plus", "parameters")
    assert f"{count[plus]:,}" in claim and f"{count[small]:,}" in claim
    assert f"{count[plus] * 4 / 1e6:.1f} MB" in claim
    tensors = len(plus.state_dict())
    assert f"{tensors} tensors" in sentence("mimo-unet-plus", "weights-are-pickles")


def test_arithmetic_matches_the_network() -> None:
    macs = _multiply_adds(256)
    total = sum(macs.values())
    joining = sum(n for name, n in macs.items() if re.match(r"SCM|FAM|AFFs", name))
    stages = sum(n for name, n in macs.items() if re.match(r"Encoder|Decoder", name))
    assert total == 150_705_930_240
    wide = total * (1280 * 720) / 256**2 / 1e9
    claim = sentence("mimo-unet-plus", "arithmetic")
    assert f"{total / 1e9:.1f} billion" in claim and f"{wide:,.0f} billion" in claim
    assert f"{total / 1e9:.2f} billion" in sentence("mimo-unet-plus", "arithmetic-conventions")
    parts = sentence("mimo-unet-plus", "arithmetic-by-part")
    assert f"{stages / total:.0%}".replace("%", " %") in parts
    assert f"{joining / total:.1%}".replace("%", " %") in parts


def _multiply_adds(side: int) -> dict[str, int]:
    """Multiply-adds of every convolution of MIMO-UNet+ by name, as the paper's form runs it."""
    import torch
    from torch import nn

    from agent.systems.restoration.network import MIMOUNet

    with torch.device("meta"):
        net = MIMOUNet(20).eval()
        picture = torch.empty(1, 3, side, side)
    macs: dict[str, int] = {}

    def note(name: str, layer: nn.Conv2d | nn.ConvTranspose2d) -> None:
        def hook(_: nn.Module, inputs: tuple[torch.Tensor], output: torch.Tensor) -> None:
            grid = inputs[0] if isinstance(layer, nn.ConvTranspose2d) else output
            macs[name] = layer.weight.numel() * grid.shape[-2] * grid.shape[-1]

        layer.register_forward_hook(hook)

    for name, layer in net.named_modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            note(name, layer)
    net(picture)
    # Our network applies these two in parts; the paper applies them to the joined maps.
    for i, size in ((0, side), (1, side // 2)):
        name = f"AFFs.{i}.conv.0.main.0"
        macs[name] = net.get_parameter(f"{name}.weight").numel() * size**2
    return macs


def test_a_network_of_zeros_returns_its_input_as_claimed() -> None:
    import torch

    from agent.systems.restoration.network import MIMOUNet

    net = MIMOUNet(1).eval()
    for parameter in net.parameters():
        torch.nn.init.zeros_(parameter)
    picture = torch.rand(1, 3, 16, 24)
    with torch.inference_mode():
        quarter, half, full = net(picture)
    assert torch.equal(full, picture)  # residual-identity, does-not-enlarge
    assert torch.equal(half, picture[..., ::2, ::2])  # nearest-reduction
    assert torch.equal(quarter, picture[..., ::4, ::4])


def test_margins_and_memory_follow_from_the_figures_beside_them() -> None:
    reach = int(re.findall(r"up to (\d+) pixels", sentence("mimo-unet-plus", "receptive-field"))[0])
    assert f"{-(-reach // 4) * 4} pixels" in sentence("mimo-unet-plus", "tiles-need-margins")
    memory = sentence("mimo-unet-plus", "memory-per-pixel")
    per_pixel = float(re.findall(r"([\d.]+) kB per pixel", memory)[0]) * 1e3
    assert f"{per_pixel * 1280 * 720 / 1e9:.1f} GB" in memory
    assert f"{per_pixel * 12e6 / 1e9:.0f} GB" in memory


def test_passes_of_feature_tiling_follow_from_the_tiles() -> None:
    claim = sentence("featsharp", "tile-passes")
    assert all(f"{1 + u * u} " in claim for u in (4, 8)) and "five passes" in claim
    assert f"{1 + 4 + 16} passes" in sentence("featsharp", "progressive-passes")


def test_gains_in_reading_match_the_published_measures() -> None:
    claim = sentence("llavar", "gains-on-four-sets")
    for dataset in ("TextVQA", "ST-VQA", "OCR-VQA", "DocVQA"):
        ours, before = (
            measure("llavar", f"answers of {name} containing the expected words", dataset)
            for name in ("LLaVAR", "LLaVA")
        )
        assert re.search(rf"\b{ours - before:.1f}\b[^,]* on {dataset}", claim), dataset


def test_ranges_of_semantic_scores_match_the_published_measures() -> None:
    found = {
        m.quantity: m.value
        for m in cards()["saliency-semantic-rsa"].measures
        if m.quantity.startswith("peak semantic score")
    }
    clip = [value for name, value in found.items() if "CLIP" in name]
    other = [value for name, value in found.items() if "CLIP" not in name]
    assert (len(clip), len(other)) == (5, 5)
    claim = sentence("saliency-semantic-rsa", "semantic-peaks")
    assert f"{min(clip):.3f} to {max(clip):.3f}" in claim
    assert f"{min(other):.3f} to {max(other):.3f}" in claim


def test_figures_of_the_network_agree_with_its_measures() -> None:
    card, gopro = "mimo-unet-plus", "the GoPro test set"
    quality = sentence(card, "gopro-quality")
    for name in ("MIMO-UNet+", "MIMO-UNet"):
        assert f"{measure(card, f'PSNR of {name}', gopro):.2f} dB" in quality
        assert f"{measure(card, f'SSIM of {name}', gopro):.3f}" in quality
    where = "1280×720, RTX 3090"
    timing = sentence(card, "runtime-synchronised")
    for how in ("synchronised", "not synchronised"):
        assert f"{measure(card, f'time of MIMO-UNet+, {how},', where):.3f} s" in timing


def test_words_are_our_own(shared: Path) -> None:
    """No run of eight words is shared with the abstracts of the papers."""
    seed = _runs((shared / "seed" / "question.txt").read_text(encoding="utf-8"))
    copied = {
        f"{id}/{name}": run
        for id, card in cards().items()
        for name, text in card.facts().items()
        for run in _runs(text) & seed
    }
    assert copied == {}


def _runs(text: str, length: int = 8) -> set[str]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {" ".join(words[i : i + length]) for i in range(len(words) - length + 1)}
