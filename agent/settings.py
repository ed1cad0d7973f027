"""The settings of a run, in one frozen object.

`agent.cli.setting_sources` builds it from flags, environment variables, the configuration file and
defaults, in this order of precedence.
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
from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, WrapValidator
from pydantic_core import PydanticCustomError

from agent.errors import ConfigError
from agent.files import DEFAULT_REGISTRY, DEFAULT_WEIGHTS, UPSCALERS, default_cache, path_of

#: What runs on an attached picture: nothing, the tools that every answer needs, or every tool.
Level = Literal["none", "core", "full"]
#: Numeric precision of the network.
Precision = Literal["auto", "fp32", "bf16", "fp16", "int8"]


def _tile(value: object, check: Callable[[object], object]) -> object:
    """Check a tile; a problem names all that it may be, not just the first kind."""
    try:
        return check(value)
    except ValidationError:
        raise PydanticCustomError(
            "tile", "'auto', 'exact', or a side in pixels: at least 128 and a multiple of 4"
        ) from None


#: Tiles of a large picture: as memory allows, identical to the whole, or their side in pixels.
Tile = Annotated[
    Literal["auto", "exact"] | Annotated[int, Field(ge=128, multiple_of=4)], WrapValidator(_tile)
]

#: The separator of PATH, unless it belongs to a URL such as file:///….
_BETWEEN_FILES = re.compile(rf"{os.pathsep}(?!//)")


def _files(value: object) -> object:
    """Parse one file or several; text separates them as PATH separates folders."""
    if isinstance(value, str):
        value = [part for part in _BETWEEN_FILES.split(value) if part]
    files = value if isinstance(value, (list, tuple)) else [value]
    if not files or not all(isinstance(file, (str, Path)) for file in files):
        raise PydanticCustomError(
            "files", f"the path of a file, or several paths separated by {os.pathsep}"
        )
    return files[0] if len(files) == 1 else files


#: A file, or several that are used as one.
Files = Annotated[Path | Annotated[tuple[Path, ...], Field(min_length=1)], BeforeValidator(_files)]


def _default_data() -> Path:
    home = os.environ.get("GROUNDGLASS_DATA")
    return path_of(home) if home else user_data_path("groundglass")


def _default_server() -> str | None:
    return os.environ.get("OPENAI_BASE_URL")


#: Value of `judge` that switches the meaning check off.
NO_JUDGE = "none"
#: What a setting can change. `run`: the results of tools, and so the answer; `answer`: only the
#: answer; `model`: what a language model writes; `nothing`: only places, speed and cost.
Affects = Literal["run", "answer", "model", "nothing"]
#: Who may decide a setting: only the user, or also a report being replayed, which may come from
#: anybody.
DecidedBy = Literal["user", "report"]


class Role(NamedTuple):
    """What a setting can change, and who may decide it.

    The defaults are cautious: the setting can change everything, and only the user decides it.
    """

    affects: Affects = "run"
    decided_by: DecidedBy = "user"
    recorded: bool = True
    """Whether a report records its value, if that can change an answer."""


def _role(affects: Affects, decided_by: DecidedBy, recorded: bool = True) -> dict[str, Role]:
    """Return the metadata of a setting."""
    return {"role": Role(affects, decided_by, recorded)}


@dataclass(frozen=True)
class Settings:
    """Everything that may vary between runs: equal settings and input give equal answers."""

    registry: Files = field(default=DEFAULT_REGISTRY, metadata=_role("answer", "report"))
    """The only cards that answers are composed from: files, or the built-in `default` and
    `upscalers`."""
    weights: Path = field(default=DEFAULT_WEIGHTS, metadata=_role("run", "report"))
    """Checkpoint of MIMO-UNet or MIMO-UNet+, or of any network that spandrel loads."""
    cache: Path = field(default_factory=default_cache, metadata=_role("nothing", "user"))
    """Folder for data that can be recomputed: checked registries and their indexes."""
    device: str = field(default="cpu", metadata=_role("run", "report"))
    """PyTorch device that networks run on, such as `cuda`."""
    max_pixels: int = field(default=24_000_000, metadata=_role("run", "report"))
    """Largest picture to restore, in pixels after enlargement; the report lists larger ones as not
    run."""
    precision: Precision = field(default="auto", metadata=_role("run", "report"))
    """Numeric precision of the network. `auto` takes bfloat16 on processors that support it, and
    `int8` on processors that support it if only the picture is wanted."""
    tile: Tile = field(default="auto", metadata=_role("run", "report"))
    """Tiles of a large picture; `exact` overlaps them by the receptive field of the network."""
    ensemble: bool = field(default=False, metadata=_role("run", "report"))
    """Whether to average four rotations, as MIMO-UNet++ does; takes four times as long."""
    evidence: Level = field(default="core", metadata=_role("answer", "report"))
    """`core` restores the picture and reads its text; `full` runs every tool."""
    data: Path = field(default_factory=_default_data, metadata=_role("nothing", "user"))
    """Folder for the user's own data: the history of answers and chat sessions."""
    no_log: bool = field(default=False, metadata=_role("nothing", "user"))
    """Whether the command line and the chat keep no log."""
    model: str | None = field(default=None, metadata=_role("model", "user"))
    """Language model, `PROVIDER:NAME`; without one, nothing is called and answers are offline."""
    judge: str | None = field(default=None, metadata=_role("model", "user"))
    """Language model that checks the meaning of what the first one writes, `PROVIDER:NAME`; None
    for the same model, `none` for no check."""
    base_url: str | None = field(default_factory=_default_server, metadata=_role("model", "user"))
    """OpenAI-compatible server; None for OpenAI itself."""
    # A report records the hash of the prompts instead of their folder.
    prompts: Path | None = field(default=None, metadata=_role("model", "user", recorded=False))
    """Folder of prompts that replace the built-in ones."""
    timeout: float = field(default=60.0, metadata=_role("nothing", "user"))
    """Seconds allowed for one reply of the language model, retries included."""
    rate: float | None = field(default=None, metadata=_role("nothing", "user"))
    """Largest number of requests per minute to the language model."""
    max_tokens: int | None = field(default=None, metadata=_role("model", "user"))
    """Largest number of tokens to spend on the language model."""
    max_usd: float | None = field(default=None, metadata=_role("model", "user"))
    """Largest amount of US dollars to spend on the language model."""
    price: str | None = field(default=None, metadata=_role("nothing", "user"))
    """Price of the language model, `IN/OUT` in US dollars per million tokens; None for its list
    price."""
    llavar: Path | None = field(default=None, metadata=_role("run", "report"))
    """Folder of merged LLaVAR weights, with CLIP in a subfolder; optional."""
    send_images: bool = field(default=False, metadata=_role("model", "user"))
    """Whether to send the language model the pictures, too, not only the measurements on them."""

    @property
    def registries(self) -> tuple[Path, ...]:
        """The files of `registry` as a tuple."""
        return (self.registry,) if isinstance(self.registry, Path) else self.registry

    @property
    def consulted(self) -> Path | None:
        """The registry to consult if a question is about one of its systems.

        Only beside the default registry: somebody who names another wants that one and no more.
        """
        return UPSCALERS if self.registry == DEFAULT_REGISTRY else None

    @property
    def server(self) -> str | None:
        """`base_url` without anything that may be a key, even if it is malformed."""
        if not self.base_url:
            return self.base_url
        address = re.split(r"[?#]", self.base_url.strip())[0]
        return re.sub(r"^([a-z][a-z0-9+.-]*://)?[^/]*@", r"\1", address, flags=re.IGNORECASE)

    def recorded(self) -> dict[str, Any]:
        """Return the settings that can change an answer, for JSON."""
        kinds = {"run", "answer", "model"} if self.model else {"run", "answer"}
        return self._values(lambda role: role.recorded and role.affects in kinds)

    def for_tools(self) -> dict[str, Any]:
        """Return the settings that can change the results of tools, for JSON."""
        return self._values(lambda role: role.affects == "run")

    def sha256(self) -> str:
        """Return the hash of the recorded settings."""
        content = {k: str(v) for k, v in self.recorded().items()}
        return hashlib.sha256(repr(content).encode()).hexdigest()

    def _values(self, condition: Callable[[Role], bool]) -> dict[str, Any]:
        values = {
            name: getattr(self, name) for name, role in sorted(roles().items()) if condition(role)
        }
        if "base_url" in values:
            values["base_url"] = self.server
        return {name: plain(value) for name, value in values.items()}


def plain(value: Any) -> Any:
    """Convert the value of a setting for JSON and YAML."""
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, Path) else value


@cache
def roles() -> dict[str, Role]:
    """Return the role of every setting, by name."""
    return {item.name: item.metadata.get("role", Role()) for item in fields(Settings)}


def settings_of(values: Mapping[str, Any], origins: Mapping[str, str] | None = None) -> Settings:
    """Build settings from the values of a file, flags or the environment; defaults fill the rest.

    Args:
        values: values by name of the setting; text is parsed as the setting's type.
        origins: where each value comes from, for error messages; default: the name of the setting.

    Raises:
        ConfigError: for the first invalid value.
    """
    try:
        return _reader().validate_python(dict(values))
    except ValidationError as error:
        problem = error.errors()[0]
        name = str(problem["loc"][0])
        expected = problem["msg"].removeprefix("Input should be ").partition(", unable to")[0]
        origin = (origins or {}).get(name, name)
        is_named = origin.lower().replace("-", "_").endswith(name)  # a file's path is not
        raise ConfigError(
            f"{origin}: got {str(problem['input'])!r}{'' if is_named else f' for {name}'}; "
            f"expected {expected}"
        ) from None


@cache
def _reader() -> TypeAdapter[Settings]:
    return TypeAdapter(Settings)
