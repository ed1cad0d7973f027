"""LLaVAR answering questions about a picture: prompt, preprocessing, reply."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from agent.errors import CheckpointError
from agent.systems.text.llavar import WHERE, import_transformers, load_llavar, missing

PATCH, START, END = "<im_patch>", "<im_start>", "<im_end>"
#: System prompt that the model was trained with; the missing spaces are part of it. From the
#: authors' code (SALT-NLP/LLaVAR, Apache-2.0), template `llava_v1`.
_SYSTEM = (
    "You are LLaVA, a large language and vision assistant trained by UW Madison WAIV Lab."
    "You are able to understand the visual content that the user provides, and assist the user "
    "with a variety of tasks using natural language."
    "Follow the instructions carefully and explain your answers in detail."
)
#: CLIP's values per channel.
_MEAN, _STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
_END_OF_TEXT = 2  # </s> of LLaMA


class Llavar:
    """A loaded LLaVAR.

    Args:
        folder: merged weights; see `agent.systems.text.llavar.load_llavar`.
        device: PyTorch's name of the device.
        four_bit: whether to quantise the language model; needs CUDA.

    Raises:
        ConfigError: if a library or memory is missing.
        CheckpointError: if the folder cannot be used.
    """

    def __init__(
        self, folder: Path, device: str = "cpu", *, four_bit: bool = False, dtype: Any = None
    ) -> None:
        if lacks := missing(folder):
            raise CheckpointError(
                f"{folder}: the LLaVAR folder is incomplete, missing {'; '.join(lacks)}; {WHERE}"
            )
        self.tokenizer = _tokenizer(folder)
        patch = self.tokenizer.convert_tokens_to_ids(PATCH)
        self.net = load_llavar(folder, patch, device=device, four_bit=four_bit, dtype=dtype)
        self.device = device
        self.name = f"LLaVAR ({folder.name})"

    def __call__(self, pixels: NDArray[np.uint8], question: str, *, length: int = 256) -> str:
        """Answer a question about `(H, W, 3)` RGB by greedy decoding.

        The authors' script samples, so its replies differ from run to run.

        Args:
            length: maximum number of tokens in the reply.
        """
        import torch

        config = self.net.config
        prompt = prompt_for(question, config.image_seq_length)
        inputs = self.tokenizer(prompt, return_tensors="pt", return_token_type_ids=False)
        view = torch.from_numpy(eye_view(pixels, config.vision_config.image_size))
        with torch.inference_mode():
            tokens = self.net.generate(
                **inputs.to(self.device),
                pixel_values=view[None].to(self.device, self.net.dtype),
                do_sample=False,
                num_beams=1,
                max_new_tokens=length,
                eos_token_id=_END_OF_TEXT,
                pad_token_id=_END_OF_TEXT,
            )
        reply = tokens[0, inputs["input_ids"].shape[1] :]
        return str(self.tokenizer.decode(reply, skip_special_tokens=True)).strip()


def prompt_for(question: str, patches: int) -> str:
    """Return the conversation up to the reply, with `patches` picture tokens after the question.

    Picture tokens in the question are removed.
    """
    for token in (PATCH, START, END):
        question = question.replace(token, "")
    picture = START + PATCH * patches + END
    return f"{_SYSTEM} USER: {question.strip()}\n{picture} ASSISTANT:"


def eye_view(pixels: NDArray[np.uint8], side: int) -> NDArray[np.float32]:
    """Preprocess a picture for LLaVAR: `(3, side, side)`, normalised for CLIP.

    The long side is resized to `side` by bicubic interpolation, the short one rounded down, and the
    rest at the right or bottom is black.
    """
    height, width = pixels.shape[:2]
    wide, tall = (side, max(1, side * height // width))
    if width <= height:
        wide, tall = (max(1, side * width // height), side)
    small = Image.fromarray(pixels).resize((wide, tall), Image.Resampling.BICUBIC)
    padded = np.zeros((side, side, 3), np.float32)
    padded[:tall, :wide] = np.asarray(small, np.float32) / 255
    normal = (padded - np.array(_MEAN, np.float32)) / np.array(_STD, np.float32)
    return np.ascontiguousarray(normal.transpose(2, 0, 1), np.float32)


def _tokenizer(folder: Path) -> Any:
    transformers = import_transformers()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False
        )
    except Exception as error:  # damaged files, or a missing library
        detail = " ".join(str(error).split())[:200]
        raise CheckpointError(
            f"{folder}: its tokenizer cannot be read ({detail}); expected that of LLaMA, and "
            "sentencepiece installed where it is a tokenizer.model"
        ) from error
    tokenizer.add_tokens([PATCH, START, END], special_tokens=True)
    return tokenizer
