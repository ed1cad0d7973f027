"""LLaVAR's network from a folder of its merged weights, through transformers' LLaVA classes.

LLaVAR (Zhang et al., arXiv 2306.17107) has the architecture of LLaVA 1.0: the penultimate hidden
layer of CLIP ViT-L/14-336 without its class token, one linear projection, and Vicuna-13B. No class
of transformers loads that, since its LLaVA projects twice; with the identity as activation and as
second layer, it computes exactly a single projection.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.errors import CheckpointError, ConfigError
from agent.systems.memory import available_memory

if TYPE_CHECKING:
    from torch import Tensor

WHERE = (
    "LLaVAR is published as a delta from LLaMA-13B (SALT-NLP/LLaVAR_delta on Hugging Face), "
    "to be added to Meta's weights under their terms; its vision encoder is "
    "openai/clip-vit-large-patch14-336"
)
#: Subfolders in which CLIP is looked for; the authors publish it separately.
EYES = ("clip-vit-large-patch14-336", "vision_tower")
_PROJECTOR = "mm_projector."
_TEXT_KEYS = (
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads", "max_position_embeddings", "rms_norm_eps",
)  # fmt: skip
#: The weights of LLaMA's final norm are about 1; in a difference of two models, nearly 0.
_LEAST_NORM = 0.1
#: Memory including activations and the keys and values of some 2,000 tokens, relative to weights.
_ROOM = 1.15


def missing(folder: Path) -> list[str]:
    """Return what is missing from a folder of LLaVAR, in words; empty if it can be loaded."""
    if not folder.is_dir():
        return [f"the folder {folder}"]
    lacks = []
    if not (folder / "config.json").is_file():
        lacks.append("config.json")
    if not weight_files(folder):
        lacks.append("weights (*.safetensors or pytorch_model*.bin)")
    if not any((folder / name).is_file() for name in ("tokenizer.json", "tokenizer.model")):
        lacks.append("tokenizer.model or tokenizer.json")
    if (eye := eye_folder(folder)) is None:
        lacks.append(f"a folder {EYES[0]} with CLIP")
    elif not weight_files(eye) or not (eye / "config.json").is_file():
        lacks.append(f"config.json or weights of CLIP in {eye.name}")
    return lacks


def weight_files(folder: Path) -> list[Path]:
    """Return the weights files, safetensors if there are any, else pickled tensors."""
    return sorted(folder.glob("*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))


def eye_folder(folder: Path) -> Path | None:
    """Return the folder with CLIP below that of LLaVAR."""
    return next((folder / name for name in EYES if (folder / name).is_dir()), None)


def load_llavar(
    folder: Path,
    patch_token: int,
    *,
    device: str = "cpu",
    four_bit: bool = False,
    dtype: Any = None,
) -> Any:
    """Load LLaVAR as a `LlavaForConditionalGeneration` in evaluation mode.

    Args:
        folder: merged weights with config and tokenizer, and CLIP in a subfolder.
        patch_token: id of `<im_patch>`, which stands for a patch of the picture in a prompt.
        device: PyTorch's name of the device.
        four_bit: whether to quantise the language model with bitsandbytes; needs CUDA.
        dtype: data type of the weights; by default float16 on CUDA and bfloat16 elsewhere.

    Raises:
        ConfigError: if transformers, memory, or a requirement of 4 bits is missing.
        CheckpointError: if the folder is incomplete, or its weights do not fit.
    """
    if lacks := missing(folder):
        raise CheckpointError(
            f"{folder}: the LLaVAR folder is incomplete, missing {'; '.join(lacks)}; {WHERE}"
        )
    import torch

    transformers = import_transformers()
    dtype = dtype or (torch.float16 if device.startswith("cuda") else torch.bfloat16)
    extra = _four_bit(device) if four_bit else {}
    _check_memory(folder, device, 0.3 if four_bit else dtype.itemsize / 2)
    state = dict(_language(folder))
    eye = eye_folder(folder)
    assert eye is not None  # `missing` has checked
    state |= dict(_vision(eye))
    config = _config(transformers, folder, eye, state, patch_token)
    with torch.device("meta"):
        expected = transformers.LlavaForConditionalGeneration(config).state_dict()
    tensors = _renamed_tensors(state, expected, folder)
    net = transformers.LlavaForConditionalGeneration.from_pretrained(
        None, config=config, state_dict={k: v.to(dtype) for k, v in tensors.items()}, dtype=dtype,
        **extra,
    )  # fmt: skip
    return net.eval() if four_bit else net.to(device).eval()


def import_transformers() -> Any:
    """Import the library, which imports torchvision.

    Raises:
        ConfigError: if it is not installed.
    """
    if find_spec("transformers") is None:
        raise ConfigError("transformers is not installed; run pip install 'groundglass[llava]'")
    from agent.systems.torchvision_ops import import_torchvision

    if find_spec("torchvision") is not None:
        import_torchvision()
    library: Any = import_module("transformers")
    library.utils.logging.disable_progress_bar()
    return library


def _language(folder: Path) -> Iterator[tuple[str, Tensor]]:
    """Yield tensors under the authors' names, such as `model.layers…` and `lm_head.weight`."""
    from agent.systems.checkpoints import read_state

    for file in weight_files(folder):
        for name, tensor in read_state(file).items():
            if "vision_tower" not in name and not name.endswith("rotary_emb.inv_freq"):
                yield name, tensor


def _vision(folder: Path) -> Iterator[tuple[str, Tensor]]:
    from agent.systems.checkpoints import read_state

    for file in weight_files(folder):
        for name, tensor in read_state(file).items():
            if name.startswith("vision_model.") and not name.endswith("position_ids"):
                yield f"vision:{name.removeprefix('vision_model.')}", tensor


def _config(
    transformers: Any, folder: Path, eye: Path, state: Mapping[str, Tensor], patch_token: int
) -> Any:
    text, vision = _json(folder / "config.json"), _json(eye / "config.json")
    vision = vision.get("vision_config", vision)
    words = state.get("model.embed_tokens.weight")
    norm = state.get("model.norm.weight")
    if words is None or norm is None or f"model.{_PROJECTOR}weight" not in state:
        raise CheckpointError(
            f"{folder}: these are not LLaVAR weights; expected names such as "
            f"model.embed_tokens.weight and model.mm_projector.weight, got {sorted(state)[:3]}"
        )
    if float(norm.float().abs().mean()) < _LEAST_NORM:
        raise CheckpointError(
            f"{folder}: these look like LLaVAR's delta from LLaMA-13B, not a complete model; add "
            "it to LLaMA-13B first"
        )
    if not 0 <= patch_token < len(words):
        raise CheckpointError(
            f"{folder}: the tokenizer gives <im_patch> the id {patch_token}, but the model "
            f"knows only {len(words)} tokens; the tokenizer is that of another model"
        )
    try:
        text_config = transformers.LlamaConfig(
            vocab_size=len(words), **{k: text[k] for k in _TEXT_KEYS if k in text}
        )
        vision_config = transformers.CLIPVisionConfig(
            **{k: v for k, v in vision.items() if k not in ("model_type", "architectures")}
        )
    except Exception as error:  # transformers validates in many ways
        raise CheckpointError(
            f"{folder}: the configuration cannot be used ({str(error).splitlines()[0]})"
        ) from error
    return transformers.LlavaConfig(
        text_config=text_config,
        vision_config=vision_config,
        image_token_index=patch_token,
        image_seq_length=(vision_config.image_size // vision_config.patch_size) ** 2,
        projector_hidden_act="linear",
        vision_feature_select_strategy="default",
        vision_feature_layer=int(text.get("mm_vision_select_layer", -2)),
    )


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path}: cannot be read as JSON ({error})") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path}: expected a JSON object")
    return content


def _renamed_tensors(
    state: Mapping[str, Tensor], expected: Mapping[str, Tensor], folder: Path
) -> dict[str, Tensor]:
    """Rename the tensors for transformers and split the projector in two.

    Raises:
        CheckpointError: for tensors that are missing, unknown or of another shape.
    """
    import torch

    tensors = {}
    for name, tensor in state.items():
        part = name.removeprefix("model.").removeprefix("vision:")
        if name.startswith("vision:"):
            target = f"model.vision_tower.{part}"
        elif part.startswith(_PROJECTOR):
            target = f"model.multi_modal_projector.linear_1.{part.removeprefix(_PROJECTOR)}"
        else:
            target = name if name.startswith("lm_head.") else f"model.language_model.{part}"
        tensors[target] = tensor
    second = "model.multi_modal_projector.linear_2"
    width = expected[f"{second}.weight"].shape[0]
    tensors[f"{second}.weight"], tensors[f"{second}.bias"] = torch.eye(width), torch.zeros(width)
    faults = [
        f"{label}: {', '.join(names[:3])}{' …' if len(names) > 3 else ''} ({len(names)})"
        for label, names in (
            ("missing", sorted(expected.keys() - tensors.keys())),
            ("unexpected", sorted(tensors.keys() - expected.keys())),
            ("of another shape", [
                n for n in sorted(expected.keys() & tensors.keys())
                if expected[n].shape != tensors[n].shape
            ]),
        )
        if names
    ]  # fmt: skip
    if faults:
        raise CheckpointError(f"{folder}: does not fit LLaVAR; " + "; ".join(faults))
    return tensors


def _four_bit(device: str) -> dict[str, Any]:
    import torch

    lacking = [name for name in ("accelerate", "bitsandbytes") if find_spec(name) is None]
    if lacking or not device.startswith("cuda"):
        what = f"{' and '.join(lacking)} not installed" if lacking else f"the device is {device}"
        raise ConfigError(f"4 bits need CUDA, accelerate and bitsandbytes; {what}")
    quantised = import_transformers().BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_compute_dtype=torch.float16,
        llm_int8_skip_modules=["vision_tower", "multi_modal_projector", "lm_head"],
    )
    return {"quantization_config": quantised, "device_map": {"": device}}


def _check_memory(folder: Path, device: str, share: float) -> None:
    """Raise if the model cannot fit, before the machine starts to swap."""
    size = sum(path.stat().st_size for path in weight_files(folder)) * share * _ROOM
    free = _free_memory(device)
    if free is not None and size > free:
        raise ConfigError(
            f"LLaVAR from {folder} takes about {size / 1e9:.0f} GB on {device}, and "
            f"{free / 1e9:.0f} GB are free; take a larger machine, or --four-bit on CUDA"
        )


def _free_memory(device: str) -> int | None:
    if device.startswith("cuda"):
        import torch

        return int(torch.cuda.mem_get_info(device)[0])
    return available_memory()
