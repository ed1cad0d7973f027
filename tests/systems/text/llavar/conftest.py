"""A LLaVAR of random weights, a few thousand of them, in the layout of the real one."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

WIDTH, HIDDEN, LAYERS, HEADS = 24, 48, 2, 4
EYE_WIDTH, EYE_HIDDEN, EYE_LAYERS, EYE_HEADS, SIDE, PATCH = 16, 32, 3, 2, 28, 14
WORDS = [
    "<unk>", "<s>", "</s>", "you", "are", "user", "assistant", "what", "does", "it", "say", "stop",
    "go", ":", ".", "?",
]  # fmt: skip
PATCH_TOKEN = len(WORDS)
VOCABULARY = len(WORDS) + 3


@dataclass
class Tiny:
    """A folder that can be loaded, and what is in it."""

    folder: Path
    language: dict[str, Tensor]
    vision: dict[str, Tensor]
    patch_token: int = PATCH_TOKEN
    heads: int = HEADS
    eye_heads: int = EYE_HEADS
    side: int = SIDE
    patches: int = (SIDE // PATCH) ** 2


@pytest.fixture
def tiny(tmp_path: Path) -> Tiny:
    return make(tmp_path / "tiny")


@pytest.fixture
def make_tiny() -> Callable[[Path], Tiny]:
    return make


def make(folder: Path, change: Callable[[dict[str, Tensor]], None] = lambda _: None) -> Tiny:
    """Write config, tokenizer, weights in two shards, and CLIP below.

    Args:
        change: what to do to the language model's tensors before they are written.
    """
    torch.manual_seed(0)
    language, vision = _language(0.3), _vision(0.3)
    change(language)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps({
        "model_type": "llava", "architectures": ["LlavaLlamaForCausalLM"],
        "hidden_size": WIDTH, "intermediate_size": HIDDEN, "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS, "rms_norm_eps": 1e-6, "vocab_size": 32003, "pad_token_id": -1,
        "mm_vision_tower": "openai/clip-vit-large-patch14-336", "mm_vision_select_layer": -2,
        "mm_use_im_start_end": True, "max_position_embeddings": 128,
    }))  # fmt: skip
    names = list(language)
    for part, half in enumerate((names[: len(names) // 2], names[len(names) // 2 :]), 1):
        shard = {name: language[name] for name in half}
        torch.save(shard, folder / f"pytorch_model-0000{part}-of-00002.bin")
    _tokenizer(folder)
    eye = folder / "clip-vit-large-patch14-336"
    eye.mkdir()
    (eye / "config.json").write_text(json.dumps({
        "model_type": "clip", "vision_config": {
            "model_type": "clip_vision_model", "hidden_size": EYE_WIDTH, "image_size": SIDE,
            "intermediate_size": EYE_HIDDEN, "num_hidden_layers": EYE_LAYERS, "patch_size": PATCH,
            "num_attention_heads": EYE_HEADS,
        },
    }))  # fmt: skip
    # CLIP's file also holds its half for text, which is of no use here.
    save_file(vision | {"text_model.final_layer_norm.bias": torch.zeros(4),
                        "logit_scale": torch.tensor(1.0)}, eye / "model.safetensors")  # fmt: skip
    return Tiny(folder, language, vision)


def _language(scale: float) -> dict[str, Tensor]:
    state = {
        "model.embed_tokens.weight": torch.randn(VOCABULARY, WIDTH),
        "model.mm_projector.weight": torch.randn(WIDTH, EYE_WIDTH) * scale,
        "model.mm_projector.bias": torch.randn(WIDTH),
        "model.norm.weight": 1 + 0.1 * torch.randn(WIDTH),
        "lm_head.weight": torch.randn(VOCABULARY, WIDTH),
    }
    for i in range(LAYERS):
        p = f"model.layers.{i}."
        for name in "qkvo":
            state[f"{p}self_attn.{name}_proj.weight"] = torch.randn(WIDTH, WIDTH) * scale
        for name, shape in (
            ("gate", (HIDDEN, WIDTH)), ("up", (HIDDEN, WIDTH)), ("down", (WIDTH, HIDDEN))
        ):  # fmt: skip
            state[f"{p}mlp.{name}_proj.weight"] = torch.randn(shape) * scale
        for name in ("input", "post_attention"):
            state[f"{p}{name}_layernorm.weight"] = 1 + 0.1 * torch.randn(WIDTH)
        state[f"{p}self_attn.rotary_emb.inv_freq"] = torch.ones(3)  # as files of that time hold it
    return state


def _vision(scale: float) -> dict[str, Tensor]:
    p = "vision_model."
    state = {
        f"{p}embeddings.class_embedding": torch.randn(EYE_WIDTH),
        f"{p}embeddings.patch_embedding.weight": torch.randn(EYE_WIDTH, 3, PATCH, PATCH) * 0.1,
        f"{p}embeddings.position_embedding.weight": torch.randn(
            (SIDE // PATCH) ** 2 + 1, EYE_WIDTH
        ),
        f"{p}embeddings.position_ids": torch.arange((SIDE // PATCH) ** 2 + 1)[None],
    }
    norms = ["pre_layrnorm", "post_layernorm"]
    for i in range(EYE_LAYERS):
        layer = f"encoder.layers.{i}"
        norms += [f"{layer}.layer_norm1", f"{layer}.layer_norm2"]
        parts = [(f"self_attn.{n}_proj", (EYE_WIDTH, EYE_WIDTH)) for n in ("q", "k", "v", "out")]
        parts += [("mlp.fc1", (EYE_HIDDEN, EYE_WIDTH)), ("mlp.fc2", (EYE_WIDTH, EYE_HIDDEN))]
        for name, shape in parts:
            state[f"{p}{layer}.{name}.weight"] = torch.randn(shape) * scale
            state[f"{p}{layer}.{name}.bias"] = torch.randn(shape[0]) * scale
    for name in norms:
        state[f"{p}{name}.weight"] = 1 + 0.1 * torch.randn(EYE_WIDTH)
        state[f"{p}{name}.bias"] = 0.1 * torch.randn(EYE_WIDTH)
    return state


def _tokenizer(folder: Path) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    words = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="<unk>"))
    words.normalizer = normalizers.Lowercase()
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing("<s> $A", None, [("<s>", 1)])
    words.add_special_tokens(["<unk>", "<s>", "</s>"])
    words.save(str(folder / "tokenizer.json"))
    (folder / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<s>", "eos_token": "</s>",
        "unk_token": "<unk>",
    }))  # fmt: skip
