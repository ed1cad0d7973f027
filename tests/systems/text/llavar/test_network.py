"""Real checkpoints' layout through transformers, held to a plain network of a few lines.

The reference below knows nothing of transformers: CLIP's vision transformer up to its last layer
but one, without the class token; one linear projection; LLaMA with rotary positions; float32.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

from agent.cli import main
from agent.errors import CheckpointError, ConfigError
from agent.systems import checkpoints
from agent.systems.text import llavar
from agent.systems.text.llavar import load_llavar, missing
from agent.systems.text.llavar_reader import Llavar, eye_view, prompt_for

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.skipif(find_spec("transformers") is None, reason="needs groundglass[llava]"),
]
State = Mapping[str, Tensor]


def picture(height: int = 40, width: int = 60) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def forward(reader: Llavar, ids: Tensor, seen: Tensor) -> Tensor:
    with torch.no_grad():
        return reader.net(input_ids=ids[None], pixel_values=seen[None]).logits[0]


@pytest.mark.slow
def test_the_forward_pass_is_that_of_the_plain_network(tiny: Any) -> None:
    reader = Llavar(tiny.folder, dtype=torch.float32)
    ids = reader.tokenizer(prompt_for("What does it say?", tiny.patches))["input_ids"]
    ids, seen = torch.tensor(ids), torch.from_numpy(eye_view(picture(), tiny.side))
    expected = logits(
        tiny.language, tiny.vision, ids, seen, tiny.patch_token, tiny.heads, tiny.eye_heads
    )
    torch.testing.assert_close(forward(reader, ids, seen), expected, rtol=1e-4, atol=1e-4)
    other = torch.from_numpy(eye_view(255 - picture(), tiny.side))
    assert (forward(reader, ids, other) - expected).abs().max() > 0.1


def test_the_reply_is_the_likeliest_word_at_each_step(tiny: Any) -> None:
    reader = Llavar(tiny.folder, dtype=torch.float32)
    ids = reader.tokenizer(prompt_for("What does it say?", tiny.patches))["input_ids"]
    seen = torch.from_numpy(eye_view(picture(), tiny.side))
    for _ in range(6):
        scores = logits(
            tiny.language, tiny.vision, torch.tensor(ids), seen, tiny.patch_token, tiny.heads,
            tiny.eye_heads,
        )  # fmt: skip
        ids.append(int(scores[-1].argmax()))
    expected = reader.tokenizer.decode(ids[-6:], skip_special_tokens=True).strip()
    assert reader(picture(), "What does it say?", length=6) == expected
    assert reader(picture(), "What does it say?", length=6) == expected


def test_lower_precision_is_the_default_and_finite(tiny: Any) -> None:
    net = load_llavar(tiny.folder, tiny.patch_token)
    assert net.dtype == torch.bfloat16
    assert all(p.isfinite().all() for p in net.parameters())


def test_the_prompt_is_that_of_training() -> None:
    prompt = prompt_for(" What is it? ", 3)
    assert prompt.startswith("You are LLaVA, a large language and vision assistant")
    assert prompt.endswith(
        " USER: What is it?\n<im_start><im_patch><im_patch><im_patch><im_end> ASSISTANT:"
    )


def test_a_question_cannot_put_pictures_of_its_own_into_the_prompt() -> None:
    assert prompt_for("a<im_patch>b<im_start><im_end>", 1).count("<im_patch>") == 1


@pytest.mark.parametrize(
    ("height", "width", "tall", "wide"),
    [(100, 200, 14, 28), (200, 100, 28, 14), (50, 50, 28, 28), (3, 400, 1, 28), (99, 100, 27, 28)],
)
def test_the_picture_keeps_its_aspect_and_is_padded_below_and_right(
    height: int, width: int, tall: int, wide: int
) -> None:
    seen = eye_view(np.full((height, width, 3), 255, np.uint8), 28)
    white = (1 - np.array([0.48145466, 0.4578275, 0.40821073])) / np.array(
        [0.26862954, 0.26130258, 0.27577711]
    )
    np.testing.assert_allclose(seen[:, 0, 0], white, rtol=1e-5)
    lit = seen[0] > 0
    assert lit.sum() == tall * wide
    assert lit[:tall, :wide].all()


@pytest.mark.parametrize(
    ("name", "lack"),
    [
        ("config.json", "config.json"),
        ("pytorch_model-0000*", "weights"),
        ("tokenizer.json", "tokenizer.model or tokenizer.json"),
        ("clip-vit-large-patch14-336/model.safetensors", "config.json or weights of CLIP"),
    ],
)
def test_what_is_missing_is_named_with_where_it_is_had(tiny: Any, name: str, lack: str) -> None:
    for path in tiny.folder.glob(name):
        path.unlink()
    assert lack in missing(tiny.folder)[0]
    with pytest.raises(CheckpointError, match="SALT-NLP/LLaVAR_delta"):
        Llavar(tiny.folder)


def test_a_difference_to_llama_is_not_taken_for_a_model(
    make_tiny: Callable[..., Any], tmp_path: Path
) -> None:
    def subtract(state: dict[str, Tensor]) -> None:
        state["model.norm.weight"] = state["model.norm.weight"] - 1

    with pytest.raises(CheckpointError, match="delta from LLaMA-13B"):
        Llavar(make_tiny(tmp_path / "delta", subtract).folder)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda s: s.pop("model.mm_projector.weight"), "these are not LLaVAR weights"),
        (lambda s: s.pop("model.layers.1.mlp.up_proj.weight"), "missing: .*up_proj"),
        (lambda s: s.update({"model.layers.9.x": torch.ones(1)}), "unexpected: .*layers.9"),
        (
            lambda s: s.update({"model.mm_projector.weight": torch.ones(24, 17)}),
            "of another shape: .*linear_1",
        ),
        (
            lambda s: s.update({"model.embed_tokens.weight": torch.ones(16, 24)}),
            "tokenizer is that of another model",
        ),
    ],
)
def test_weights_that_do_not_fit_are_refused_in_a_line(
    make_tiny: Callable[..., Any], tmp_path: Path, change: Callable[[Any], None], complaint: str
) -> None:
    with pytest.raises(CheckpointError, match=complaint) as caught:
        Llavar(make_tiny(tmp_path / "odd", change).folder)
    assert "\n" not in str(caught.value)


def test_a_pickle_that_holds_code_is_refused(tiny: Any) -> None:
    class Bomb:
        def __reduce__(self) -> tuple[Any, ...]:
            return Path.touch, (tiny.folder / "ran",)

    torch.save({"model.x": Bomb()}, tiny.folder / "pytorch_model-00001-of-00002.bin")
    with pytest.raises(CheckpointError, match="refused"):
        Llavar(tiny.folder)
    assert not (tiny.folder / "ran").exists()


def test_an_odd_configuration_is_refused(tiny: Any) -> None:
    config = json.loads((tiny.folder / "config.json").read_text())
    (tiny.folder / "config.json").write_text(json.dumps(config | {"hidden_size": "many"}))
    with pytest.raises(CheckpointError, match="configuration cannot be used"):
        Llavar(tiny.folder)


def test_what_memory_does_not_hold_is_refused_before_it_loads(
    tiny: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llavar, "available_memory", lambda: 10)
    monkeypatch.setattr(checkpoints, "read_state", lambda file: pytest.fail("was read"))
    with pytest.raises(ConfigError, match="are free; take a larger machine"):
        load_llavar(tiny.folder, tiny.patch_token)


def test_four_bits_need_cuda(tiny: Any) -> None:
    with pytest.raises(ConfigError, match="4 bits need CUDA"):
        load_llavar(tiny.folder, tiny.patch_token, four_bit=True)


def test_the_command_reads_with_what_the_folder_holds(
    tiny: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Image.fromarray(picture()).save(tmp_path / "sign.png")
    arguments = ["read", str(tmp_path / "sign.png"), "What is it?", "--length", "4"]
    assert main([*arguments, "--llavar", str(tiny.folder), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["reader"] == "LLaVAR (tiny)"
    assert said["question"] == "What is it?"
    assert said["text"] == Llavar(tiny.folder)(picture(), "What is it?", length=4)


# --- the reference --------------------------------------------------------------------------------


def logits(
    language: State, vision: State, ids: Tensor, picture: Tensor, patch_token: int, heads: int,
    eye_heads: int,
) -> Tensor:  # fmt: skip
    """`(T, words)` for ids `(T,)` and a picture `(3, S, S)`."""
    seen = eye(vision, picture, eye_heads)
    seen = functional.linear(
        seen, language["model.mm_projector.weight"], language["model.mm_projector.bias"]
    )
    x = language["model.embed_tokens.weight"][ids].clone()
    x[ids == patch_token] = seen
    layer = 0
    while f"model.layers.{layer}.input_layernorm.weight" in language:
        p = f"model.layers.{layer}."
        y = rms(x, language[p + "input_layernorm.weight"])
        q, k, v = (split(y @ language[f"{p}self_attn.{n}_proj.weight"].T, heads) for n in "qkv")
        mixed = attention(rotated(q), rotated(k), v, causal=True)
        x = x + mixed @ language[p + "self_attn.o_proj.weight"].T
        y = rms(x, language[p + "post_attention_layernorm.weight"])
        gate = functional.silu(y @ language[p + "mlp.gate_proj.weight"].T)
        up = y @ language[p + "mlp.up_proj.weight"].T
        x = x + (gate * up) @ language[p + "mlp.down_proj.weight"].T
        layer += 1
    return rms(x, language["model.norm.weight"]) @ language["lm_head.weight"].T


def eye(state: State, picture: Tensor, heads: int) -> Tensor:
    """`(patches, width)`: the last hidden layer but one, without the class token."""
    kernel = state["vision_model.embeddings.patch_embedding.weight"]
    patches = functional.conv2d(picture[None], kernel, stride=kernel.shape[-1])[0].flatten(1).T
    first = state["vision_model.embeddings.class_embedding"][None]
    x = torch.cat([first, patches])
    x = x + state["vision_model.embeddings.position_embedding.weight"]
    x = norm(x, state, "vision_model.pre_layrnorm")
    layers = {k.split(".")[3] for k in state if k.startswith("vision_model.encoder.layers.")}
    for layer in range(len(layers) - 1):
        p = f"vision_model.encoder.layers.{layer}."
        y = norm(x, state, p + "layer_norm1")
        q, k, v = (split(affine(y, state, f"{p}self_attn.{n}_proj"), heads) for n in "qkv")
        x = x + affine(attention(q, k, v, causal=False), state, p + "self_attn.out_proj")
        y = affine(norm(x, state, p + "layer_norm2"), state, p + "mlp.fc1")
        x = x + affine(y * torch.sigmoid(1.702 * y), state, p + "mlp.fc2")
    return x[1:]


def attention(q: Tensor, k: Tensor, v: Tensor, *, causal: bool) -> Tensor:
    scores = q @ k.transpose(1, 2) / q.shape[-1] ** 0.5
    if causal:
        later = torch.ones(scores.shape[1:], dtype=torch.bool).triu(1)
        scores = scores.masked_fill(later, -torch.inf)
    return (scores.softmax(-1) @ v).transpose(0, 1).flatten(1)


def rotated(x: Tensor) -> Tensor:
    half = x.shape[-1] // 2
    speed = 10_000.0 ** (-torch.arange(half) / half)
    angle = torch.arange(x.shape[1])[:, None] * speed
    a, b = x[..., :half], x[..., half:]
    cos, sin = angle.cos(), angle.sin()
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def split(x: Tensor, heads: int) -> Tensor:
    return x.unflatten(-1, (heads, -1)).transpose(0, 1)


def rms(x: Tensor, weight: Tensor) -> Tensor:
    return x / (x.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt() * weight


def norm(x: Tensor, state: State, name: str) -> Tensor:
    return functional.layer_norm(x, x.shape[-1:], state[name + ".weight"], state[name + ".bias"])


def affine(x: Tensor, state: State, name: str) -> Tensor:
    return functional.linear(x, state[name + ".weight"], state[name + ".bias"])
