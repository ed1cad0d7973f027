"""Cards from a copy of OpenModelDB: what its records state in fields, none of its authors' prose.

The copy is a checkout, a tar archive of one, or a single record. It may come from anybody (see
`agent.registry.copies`); a record that makes no valid card is left out with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, Field, ValidationError

from agent.errors import InputError, RegistryError
from agent.registry.checking import checked_rows
from agent.registry.copies import Refused, files_of
from agent.text import visible
from agent.types import DEFECT_NAMES, SUBJECT_NAMES

_FOLDERS = ("data", "data/models")
_TABLES = ("architectures", "users")
_EXPECTED = "a checkout of OpenModelDB, a tar archive of it, or one of its files data/models/*.json"
#: Records, and the tables that name architectures and users.
_WANTED = re.compile(r"(?:^|/)data/(?:models/[^/]+|architectures|users)\.json\Z")

#: Tags of OpenModelDB that name a subject, as cards call it.
_SUBJECTS = {
    "general-upscaler": "any", "video-frame": "video-frames",
    **{tag: tag for tag in ("photo", "faces", "text", "anime", "cartoon", "manga", "pixel-art",
                            "cgi", "game-textures", "game-screenshots", "ai-generated")},
}  # fmt: skip
#: Tags of OpenModelDB that name what a model removes, as cards call it.
_DEFECTS = {
    "deblur": "blur", "denoise": "noise", "compression-removal": "compression", "jpeg": "jpeg",
    "dds": "dds", "dedither": "dithering", "dehalftone": "halftone", "dehalo": "halos",
    "debanding": "banding", "anti-aliasing": "aliasing",
}  # fmt: skip
_ENLARGING, _RESTORING = "enlarging pictures", "restoring pictures"
#: Other work, by tag, as the task of a card.
_TASKS = {
    "colorization": "colouring pictures",
    "inpainting": "filling in parts of pictures",
    "texture-generation": "making textures from textures",
}
#: Architectures that take several frames of a video at once.
_OF_VIDEOS = frozenset(("cain", "cain-yuv", "rife", "sofvsr", "tscunet"))
#: SPDX identifiers of licences that allow commercial use; those with NC forbid it.
_COMMERCIAL = frozenset((
    "0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0",
    "CC-BY-SA-4.0", "CC0-1.0", "AGPL-3.0-only", "AGPL-3.0-or-later", "GPL-2.0-only",
    "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later",
    "ISC", "MIT", "MPL-2.0", "Unlicense", "WTFPL", "Zlib",
))  # fmt: skip
_NON_COMMERCIAL = re.compile(r"CC-BY-NC(?:-SA|-ND)?-\d\.\d\Z")

_Count = Annotated[int, Field(gt=0, lt=10**12)]


class _Resource(BaseModel):
    type: str
    size: _Count | None = None
    sha256: str | None = None
    urls: tuple[str, ...] = ()


class _Record(BaseModel):
    """What is read of a file of `data/models`; prose, pictures and the rest are not."""

    name: str
    author: str | tuple[str, ...]
    license: str | None
    tags: tuple[str, ...]
    date: str
    architecture: str
    size: tuple[str, ...] | None
    scale: int
    inputChannels: int
    outputChannels: int
    resources: tuple[_Resource, ...]
    datasetSize: _Count | None = None
    trainingIterations: _Count | None = None
    trainingBatchSize: _Count | None = None
    trainingHRSize: _Count | None = None
    pretrainedModelG: str | None = None


@dataclass
class Imported:
    """What a copy of OpenModelDB came to."""

    yaml: str
    """A registry file; empty where no record made a card."""
    cards: int
    left_out: dict[str, str] = field(default_factory=dict)
    """File to the reason why it gave no card."""


def import_openmodeldb(source: Path) -> Imported:
    """The cards of a copy of OpenModelDB.

    Args:
        source: folder of a checkout, tar archive of one (plain, gzip, bzip2 or xz), or one JSON
            file of `data/models`.

    Raises:
        InputError: where it cannot be read, is none of these, or unpacks to too much.
    """
    records: dict[str, bytes] = {}
    tables: dict[str, Mapping[str, Any]] = {}
    left_out: dict[str, str] = {}
    for name, content in files_of(source, _FOLDERS, _WANTED):
        folder, _, stem = name.removesuffix(".json").rpartition("/")
        if isinstance(content, Refused):
            left_out[name] = content.reason
        elif name == source.as_posix() and not _is_json(content):
            raise InputError(
                f"{visible(str(source))}: is neither a tar archive nor JSON; expected {_EXPECTED}"
            )
        elif stem in _TABLES and folder.endswith("data"):
            tables[stem] = _table(content)
        else:
            records[name] = content
    if not records and not left_out:
        raise InputError(
            f"{visible(str(source))}: holds no data/models/*.json; expected {_EXPECTED}"
        )
    entries: dict[str, str] = {}
    for name, content in sorted(records.items()):
        stem = name.rpartition("/")[2].removesuffix(".json")
        try:
            card = _card(stem, _record(content), tables)
            if card["id"] in entries:
                raise Refused(f"another file gives the id {card['id']}")
            entries[card["id"]] = _entry(card)
        except Refused as refused:
            left_out[name] = refused.reason
    text = _HEADING + "models:\n" + "".join(entries.values()) if entries else ""
    return Imported(text, len(entries), left_out)


_HEADING = """\
# Made from a copy of OpenModelDB (https://openmodeldb.info) by `groundglass registry import`:
# what its records state in fields, in the words of this program. OpenModelDB is published under
# GPL-3.0; whoever passes this file on heeds that.
"""


# --- reading ----------------------------------------------------------------------------------


def _record(content: bytes) -> _Record:
    try:
        return _Record.model_validate(_json(content))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        if not fault["loc"]:
            raise Refused("the file is no JSON object") from None
        if fault["loc"][0] == "author":
            raise Refused("author: is neither text nor a list of texts") from None
        place = ".".join(map(str, fault["loc"]))
        raise Refused(f"{place}: {_FAULTS.get(fault['type'], 'cannot be used')}") from None


#: In plain words, by the type of a fault as Pydantic calls it.
_FAULTS = {
    "missing": "is missing",
    "string_type": "is no text",
    "string_unicode": "holds half a character (a lone surrogate)",
    "tuple_type": "is no list",
    "model_type": "is no JSON object",
    "greater_than": "has to be above 0",
    "less_than": "is too large",
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float", "int_parsing_size", "finite_number"),
        "is no whole number",
    ),
}


def _table(content: bytes) -> Mapping[str, Any]:
    """Names by key; a table that cannot be read leaves the keys as they are."""
    try:
        table = _json(content)
    except Refused:
        return {}
    return table if isinstance(table, dict) else {}


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Refused("is no valid JSON") from None


def _is_json(content: bytes) -> bool:
    try:
        _json(content)
    except Refused:
        return False
    return True


def _name_in(table: Mapping[str, Any], key: str) -> str:
    """The name that a table has for a key; the key where it has none."""
    entry = table.get(key)
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else key


# --- cards ------------------------------------------------------------------------------------


def _card(stem: str, record: _Record, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    if record.architecture in _OF_VIDEOS:
        raise Refused(
            f"its architecture, {record.architecture}, takes several frames of a video at once"
        )
    # A model that others are trained from is made for nobody's pictures.
    tags = () if "pretrained" in record.tags else record.tags
    subjects = [_SUBJECTS[tag] for tag in tags if tag in _SUBJECTS]
    removes = [_DEFECTS[tag] for tag in tags if tag in _DEFECTS]
    architecture = _name_in(tables.get("architectures", {}), record.architecture)
    authors = (record.author,) if isinstance(record.author, str) else record.author
    parent = (record.pretrainedModelG or "").lower()
    card = {
        "id": stem.lower(),
        "name": stem,
        "title": record.name,
        "task": _task(record),
        "summary": _summary(stem, architecture, record, subjects, removes),
        "authors": [_name_in(tables.get("users", {}), author) for author in authors],
        "year": int(record.date[:4]) if re.match(r"(?:19|20)\d\d-", record.date) else None,
        "links": _links(stem, record),
        "inputs": f"One {_picture(record.inputChannels)}.",
        "outputs": f"One {_picture(record.outputChannels)}{_larger(record.scale)}.",
        "licence": _licence(record.license),
        "weights": _weights(record),
        "scale": [record.scale],
        "subjects": list(dict.fromkeys(subjects)),
        "removes": list(dict.fromkeys(removes)),
        "architecture": architecture,
        "sha256": list(dict.fromkeys(r.sha256.lower() for r in record.resources if r.sha256)),
        "commercial_use": _commercial_use(record.license),
        "based_on": [parent] if parent and parent != stem.lower() else [],
        "claims": list(_claims(stem, record)),
        "limits": list(_limits(stem, record)),
    }
    return {key: value for key, value in card.items() if value is not None and value != []}


def _entry(card: dict[str, Any]) -> str:
    """The card as an entry of a registry file; `Refused` where it would not pass the check."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    try:
        text = yaml.dump([card], Dumper=dumper, allow_unicode=True, sort_keys=False, width=96)
        list(checked_rows("card", b"models:\n" + text.encode(), ()))
    except UnicodeEncodeError:
        raise Refused("holds half a character (a lone surrogate)") from None
    except RegistryError as error:
        raise Refused(error.problems[0].partition(" key ")[2] or error.problems[0]) from None
    return str(text)


def _task(record: _Record) -> str:
    if "pretrained" in record.tags:
        return "starting the training of other models"
    other = next((_TASKS[tag] for tag in record.tags if tag in _TASKS), None)
    return other or (_ENLARGING if record.scale > 1 else _RESTORING)


def _summary(
    name: str, architecture: str, record: _Record, subjects: list[str], removes: list[str]
) -> str:
    made_for = _conjunction([SUBJECT_NAMES.get(key, key) for key in subjects]) or "pictures"
    removed = _conjunction([DEFECT_NAMES.get(key, key) for key in removes])
    network = f"The network of {name} has the architecture {architecture}."
    if (task := _task(record)) not in (_ENLARGING, _RESTORING):
        return f"{name} is a model for {task}. {network}"
    if record.scale > 1:
        also = f" and removes {removed}" if removed else ""
        return f"{name} enlarges {made_for} {record.scale}×{also}. {network}"
    does = f"removes {removed} from" if removed else "restores"
    return f"{name} {does} {made_for}. {network}"


def _links(stem: str, record: _Record) -> dict[str, str]:
    links = {"page": f"https://openmodeldb.info/models/{stem}"}
    urls = (url for resource in record.resources for url in resource.urls)
    if weights := next((url for url in urls if url.startswith("https://")), None):
        links["weights"] = weights
    return links


def _picture(channels: int) -> str:
    kinds = {1: "grey picture", 3: "colour picture", 4: "colour picture with an alpha channel"}
    return kinds.get(channels, f"picture of {channels} channels")


def _larger(scale: int) -> str:
    return f", {scale} times as wide and as high" if scale > 1 else " of the same size"


def _weights(record: _Record) -> str | None:
    files = [
        f".{resource.type}" + (f" of {resource.size / 1e6:.1f} MB" if resource.size else "")
        for resource in record.resources
    ]
    size = f", network of the size {' '.join(record.size)}" if record.size else ""
    return f"{_conjunction(files)}{size}" if files else None


def _licence(spdx: str | None) -> dict[str, str] | None:
    if spdx is None:
        return None
    forbids = {"forbids": "It forbids commercial use."} if _commercial_use(spdx) is False else {}
    return {"name": spdx, **forbids}


def _commercial_use(spdx: str | None) -> bool | None:
    """Whether a licence allows commercial use; None where that is not known."""
    if spdx in _COMMERCIAL:
        return True
    return False if spdx and _NON_COMMERCIAL.match(spdx) else None


def _claims(name: str, record: _Record) -> Iterator[dict[str, Any]]:
    details = []
    if record.datasetSize:
        details.append(f"on {record.datasetSize:,} pictures")
    if record.trainingIterations:
        details.append(f"for {record.trainingIterations:,} iterations")
    if record.trainingBatchSize:
        details.append(f"in batches of {record.trainingBatchSize:,}")
    if record.trainingHRSize:
        details.append(f"with crops of {record.trainingHRSize:,} px a side")
    if details:
        yield _claim(
            name, "training", f"{name} was trained {', '.join(details)}.", "training", "data"
        )


def _limits(name: str, record: _Record) -> Iterator[dict[str, Any]]:
    if record.license is None:
        text = f"OpenModelDB states no licence for {name}: whether its results may be sold is open."
        yield _claim(name, "no-licence", text, "licence")
    if "pretrained" in record.tags:
        text = f"{name} is meant as a start for training other models, not for pictures."
        yield _claim(name, "pretrained", text, "training")


def _claim(name: str, id: str, text: str, *tags: str) -> dict[str, Any]:
    source = f"OpenModelDB, data/models/{name}.json"
    return {"id": id, "text": text, "source": source, "tags": list(tags)}


def _conjunction(items: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))
