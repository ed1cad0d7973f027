"""Where things are and what they may cost: one small frozen object, built at the edge.

Flags win over environment variables, those over the configuration file, that over defaults; see
`agent.cli.setting_sources`. This module builds nothing else.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

from platformdirs import user_data_path
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from agent.errors import ConfigError
from agent.files import DEFAULT_REGISTRY, DEFAULT_WEIGHTS, UPSCALERS, default_cache, path_of

#: What runs on an attached picture: nothing, what every answer rests on, or every tool there is.
Level = Literal["none", "core", "full"]
#: Type of the network's arithmetic.
Precision = Literal["auto", "fp32", "bf16", "fp16", "int8"]
#: How a large picture is cut: as fits, without any difference to the whole, or the side in pixels.
Tile = Literal["auto", "exact"] | Annotated[int, Field(ge=128, multiple_of=4)]

#: That of PATH, unless it belongs to an address such as file:///….
_BETWEEN_FILES = re.compile(rf"{os.pathsep}(?!//)")


def _files(value: object) -> object:
    """One file, or the list of several, which a text parts as PATH parts its folders."""
    if isinstance(value, str):
        value = [part for part in _BETWEEN_FILES.split(value) if part]
    files = value if isinstance(value, (list, tuple)) else [value]
    if not files or not all(isinstance(file, (str, Path)) for file in files):
        raise PydanticCustomError(
            "files", f"the path of a file, or of several with {os.pathsep} between them"
        )
    return files[0] if len(files) == 1 else files


#: A file, or several that count as one.
Files = Annotated[Path | Annotated[tuple[Path, ...], Field(min_length=1)], BeforeValidator(_files)]


def _default_data() -> Path:
    home = os.environ.get("GROUNDGLASS_DATA")
    return path_of(home) if home else user_data_path("groundglass")


def _default_server() -> str | None:
    return os.environ.get("OPENAI_BASE_URL")


#: Value of `judge` that leaves the meaning of a model's sentences unchecked.
NO_JUDGE = "none"
#: What a setting can change: `run`, what tools make of a picture, and so the answer; `answer`, that
#: alone; `model`, what a language model says where one is named; `nothing` of an answer, only where
#: things are kept, how fast it comes and at what price.
Affects = Literal["run", "answer", "model", "nothing"]
#: Who may decide a setting: only whoever runs the program, or a report that is replayed as well,
#: which may come from anybody.
DecidedBy = Literal["user", "report"]


class Role(NamedTuple):
    """What a setting can change and who may decide it.

    The defaults, for a setting that does not say, are the careful ones: it counts as able to change
    everything, and no report decides it.
    """

    affects: Affects = "run"
    decided_by: DecidedBy = "user"
    recorded: bool = True
    """Whether a report holds its value, where that can change an answer."""


def _role(affects: Affects, decided_by: DecidedBy, recorded: bool = True) -> dict[str, Role]:
    """The metadata that each setting has."""
    return {"role": Role(affects, decided_by, recorded)}


@dataclass(frozen=True)
class Settings:
    """All that a run may vary; two runs with equal settings and input give equal answers."""

    registry: Files = field(default=DEFAULT_REGISTRY, metadata=_role("answer", "report"))
    """The cards that answers are made of, and nothing else is: files, or names of those that ship,
    `default` and `upscalers`."""
    weights: Path = field(default=DEFAULT_WEIGHTS, metadata=_role("run", "report"))
    """Checkpoint of MIMO-UNet or MIMO-UNet+, or of any network that spandrel loads."""
    cache: Path = field(default_factory=default_cache, metadata=_role("nothing", "user"))
    """Folder of what can be computed again: checked registries and their indexes."""
    device: str = field(default="cpu", metadata=_role("run", "report"))
    """Where networks run, as PyTorch names it, such as `cuda`."""
    max_pixels: int = field(default=24_000_000, metadata=_role("run", "report"))
    """Largest picture, after enlargement, that is restored; a larger one is skipped, said so."""
    precision: Precision = field(default="auto", metadata=_role("run", "report"))
    """What the network computes in; `auto` takes bfloat16 where the processor is made for it, and
    8 bits (`int8`) where it is made for those and a picture is all that is wanted."""
    tile: Tile = field(default="auto", metadata=_role("run", "report"))
    """Tiles of a large picture; `exact` makes them overlap by all that the network sees."""
    ensemble: bool = field(default=False, metadata=_role("run", "report"))
    """Whether four rotations are averaged, which is MIMO-UNet++ and takes four times as long."""
    evidence: Level = field(default="core", metadata=_role("answer", "report"))
    """`core` restores the picture and reads its text; `full` runs every tool of the cards."""
    data: Path = field(default_factory=_default_data, metadata=_role("nothing", "user"))
    """Folder of what the user keeps: the log of answers and the sessions of the chat."""
    no_log: bool = field(default=False, metadata=_role("nothing", "user"))
    """Whether the command line and the chat leave the log of answers alone."""
    model: str | None = field(default=None, metadata=_role("model", "user"))
    """Language model, `PROVIDER:NAME`; without one nothing is called and answers are offline."""
    judge: str | None = field(default=None, metadata=_role("model", "user"))
    """Language model that checks the meaning of what the first one writes, `PROVIDER:NAME`; None
    for the same model, `none` for no such check."""
    base_url: str | None = field(default_factory=_default_server, metadata=_role("model", "user"))
    """Server that speaks OpenAI's protocol; None for OpenAI itself."""
    # A report holds the hash of the prompts instead of their folder.
    prompts: Path | None = field(default=None, metadata=_role("model", "user", recorded=False))
    """Folder of prompts that stand in for those that ship."""
    timeout: float = field(default=60.0, metadata=_role("nothing", "user"))
    """Seconds that one reply of the language model may take, retries included."""
    rate: float | None = field(default=None, metadata=_role("nothing", "user"))
    """Requests to the language model a minute, at most."""
    max_tokens: int | None = field(default=None, metadata=_role("model", "user"))
    """Tokens that may be spent on the language model."""
    max_usd: float | None = field(default=None, metadata=_role("model", "user"))
    """US dollars that may be spent on it."""
    price: str | None = field(default=None, metadata=_role("nothing", "user"))
    """What it costs, `IN/OUT` in US dollars for a million tokens; None for the listed price."""
    llavar: Path | None = field(default=None, metadata=_role("run", "report"))
    """Folder of merged LLaVAR weights, with CLIP in a folder below; none is needed to answer."""
    send_images: bool = field(default=False, metadata=_role("model", "user"))
    """Whether the language model is sent the pictures, and not only what was measured on them."""

    @property
    def registries(self) -> tuple[Path, ...]:
        """The files of `registry`, one or several."""
        return (self.registry,) if isinstance(self.registry, Path) else self.registry

    @property
    def consulted(self) -> Path | None:
        """The registry that is consulted where a question is about a system of it; beside the
        default registry alone, since whoever names another means that and no other.
        """
        return UPSCALERS if self.registry == DEFAULT_REGISTRY else None

    @property
    def server(self) -> str | None:
        """`base_url` without what may be a key, whatever else is wrong with it."""
        if not self.base_url:
            return self.base_url
        address = re.split(r"[?#]", self.base_url.strip())[0]
        return re.sub(r"^([a-z][a-z0-9+.-]*://)?[^/]*@", r"\1", address, flags=re.IGNORECASE)

    def recorded(self) -> dict[str, Any]:
        """What can change an answer, for JSON; where the cache and the log lie cannot."""
        kinds = {"run", "answer", "model"} if self.model else {"run", "answer"}
        return self._values(lambda role: role.recorded and role.affects in kinds)

    def for_tools(self) -> dict[str, Any]:
        """What can change what tools make of a picture, for JSON."""
        return self._values(lambda role: role.affects == "run")

    def sha256(self) -> str:
        """Hash of what is recorded."""
        content = {k: str(v) for k, v in self.recorded().items()}
        return hashlib.sha256(repr(content).encode()).hexdigest()

    def _values(self, chosen: Callable[[Role], bool]) -> dict[str, Any]:
        values = {
            name: getattr(self, name) for name, role in sorted(roles().items()) if chosen(role)
        }
        if "base_url" in values:
            values["base_url"] = self.server
        return {name: plain(value) for name, value in values.items()}


def plain(value: Any) -> Any:
    """The value of a setting as JSON and YAML hold it."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


@cache
def roles() -> dict[str, Role]:
    """The role of every setting, by name."""
    return {item.name: item.metadata.get("role", Role()) for item in fields(Settings)}


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
