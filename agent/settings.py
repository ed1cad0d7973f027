"""Where things are and what they may cost: one small frozen object, built at the edge.

Flags win over environment variables, those over the configuration file, that over defaults; see
`agent.cli.setting_sources`. This module builds nothing else.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit, urlunsplit

from platformdirs import user_cache_path, user_data_path
from pydantic import Field, TypeAdapter, ValidationError

from agent.errors import ConfigError
from agent.files import DEFAULT_REGISTRY, DEFAULT_WEIGHTS

#: What runs on an attached picture: nothing, what every answer rests on, or every tool there is.
Level = Literal["none", "core", "full"]
#: Type of the network's arithmetic.
Precision = Literal["auto", "fp32", "bf16", "fp16", "int8"]
#: How a large picture is cut: as fits, without any difference to the whole, or the side in pixels.
Tile = Literal["auto", "exact"] | Annotated[int, Field(ge=128, multiple_of=4)]


def _default_cache() -> Path:
    home = os.environ.get("GROUNDGLASS_CACHE")
    return Path(home) if home else user_cache_path("groundglass")


def _default_data() -> Path:
    home = os.environ.get("GROUNDGLASS_DATA")
    return Path(home) if home else user_data_path("groundglass")


#: What cannot change an answer: where things are kept, whether they are, and what is paid. The
#: prompts are in a report by their hash.
_BESIDE_THE_ANSWER = {"cache", "data", "no_log", "prompts", "timeout", "rate", "price"}
#: What can change an answer only where a language model is named.
_OF_THE_MODEL = {"model", "base_url", "max_tokens", "max_usd", "send_images"}


@dataclass(frozen=True)
class Settings:
    """All that a run may vary; two runs with equal settings and input give equal answers."""

    registry: Path = DEFAULT_REGISTRY
    """The cards that answers are made of, and nothing else is."""
    weights: Path = DEFAULT_WEIGHTS
    """Checkpoint of MIMO-UNet or MIMO-UNet+."""
    cache: Path = field(default_factory=_default_cache)
    """Folder of what can be computed again: checked registries and their indexes."""
    device: str = "cpu"
    """Where networks run, as PyTorch names it, such as `cuda`."""
    max_pixels: int = 24_000_000
    """Largest picture, after enlargement, that is restored; a larger one is skipped, said so."""
    precision: Precision = "auto"
    """What the network computes in; `auto` takes bfloat16 where the processor is made for it, and
    8 bits (`int8`) where it is made for those and a picture is all that is wanted."""
    tile: Tile = "auto"
    """Tiles of a large picture; `exact` makes them overlap by all that the network sees."""
    ensemble: bool = False
    """Whether four rotations are averaged, which is MIMO-UNet++ and takes four times as long."""
    evidence: Level = "core"
    """`core` restores the picture and reads its text; `full` runs every tool of the cards."""
    data: Path = field(default_factory=_default_data)
    """Folder of what the user keeps: the log of answers and the sessions of the chat."""
    no_log: bool = False
    """Whether the command line and the chat leave the log of answers alone."""
    model: str | None = None
    """Language model, `PROVIDER:NAME`; without one nothing is called and answers are offline."""
    base_url: str | None = field(default_factory=lambda: os.environ.get("OPENAI_BASE_URL"))
    """Server that speaks OpenAI's protocol; None for OpenAI itself."""
    prompts: Path | None = None
    """Folder of prompts that stand in for those that ship."""
    timeout: float = 60.0
    """Seconds that one reply of the language model may take, retries included."""
    rate: float | None = None
    """Requests to the language model a minute, at most."""
    max_tokens: int | None = None
    """Tokens that may be spent on the language model."""
    max_usd: float | None = None
    """US dollars that may be spent on it."""
    price: str | None = None
    """What it costs, `IN/OUT` in US dollars for a million tokens; None for the listed price."""
    llavar: Path | None = None
    """Folder of merged LLaVAR weights, with CLIP in a folder below; none is needed to answer."""
    send_images: bool = False
    """Whether the language model is sent the pictures, and not only what was measured on them."""

    def recorded(self) -> dict[str, Any]:
        """What can change an answer, for JSON; where the cache and the log lie cannot."""
        left_out = _BESIDE_THE_ANSWER | (set() if self.model else _OF_THE_MODEL)
        values = {k: v for k, v in sorted(vars(self).items()) if k not in left_out}
        if values.get("base_url"):  # a report never holds what may be a key
            parts = urlsplit(str(self.base_url))
            host = parts.netloc.rpartition("@")[2]
            values["base_url"] = urlunsplit((parts.scheme, host, parts.path, "", ""))
        return {k: str(v) if isinstance(v, Path) else v for k, v in values.items()}

    def sha256(self) -> str:
        """Hash of what is recorded."""
        content = {k: str(v) for k, v in self.recorded().items()}
        return hashlib.sha256(repr(content).encode()).hexdigest()


def settings_of(values: Mapping[str, Any], origins: Mapping[str, str] | None = None) -> Settings:
    """Settings from values as they come from a file, a flag or the environment; others at default.

    Args:
        values: by name of the setting; text is read as the setting's type.
        origins: what to call a setting where its value cannot be used; its name where not given.

    Raises:
        ConfigError: for the first value that cannot be used.
    """
    try:
        return _reader().validate_python(dict(values))
    except ValidationError as error:
        problem = error.errors()[0]
        name = str(problem["loc"][0])
        expected = problem["msg"].removeprefix("Input should be ")
        raise ConfigError(
            f"{(origins or {}).get(name, name)}: got {str(problem['input'])!r} for {name}; "
            f"expected {expected}"
        ) from None


@cache
def _reader() -> TypeAdapter[Settings]:
    return TypeAdapter(Settings)
