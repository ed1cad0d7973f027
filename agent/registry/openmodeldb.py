"""Cards from a copy of OpenModelDB: the fields of its records, but none of their prose.

The copy is a checkout, a tar archive of one, or a single record. It is not trusted (see
`agent.registry.copies`); a record that does not make a valid card is skipped with the reason.
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
from agent.text import format_list, visible
from agent.types import DEFECT_NAMES, SUBJECT_NAMES

_FOLDERS = ("data", "data/models")
_TABLES = ("architectures", "users")
_EXPECTED = "a checkout of OpenModelDB, a tar archive of it, or one of its files data/models/*.json"
#: Records, and the tables that name architectures and users.
_PATHS = re.compile(r"(?:^|/)data/(?:models/[^/]+|architectures|users)\.json\Z")

#: Tags of OpenModelDB that name a subject, with the term of cards.
_SUBJECTS = {
    "general-upscaler": "any", "video-frame": "video-frames",
    **{tag: tag for tag in ("photo", "faces", "text", "anime", "cartoon", "manga", "pixel-art",
                            "cgi", "game-textures", "game-screenshots", "ai-generated")},
}  # fmt: skip
#: Tags of OpenModelDB that name a defect a model removes, with the term of cards.
_DEFECTS = {
    "deblur": "blur", "denoise": "noise", "compression-removal": "compression", "jpeg": "jpeg",
    "dds": "dds", "dedither": "dithering", "dehalftone": "halftone", "dehalo": "halos",
    "debanding": "banding", "anti-aliasing": "aliasing",
}  # fmt: skip
_ENLARGING, _RESTORING = "enlarging pictures", "restoring pictures"
#: Tasks of cards by tag, other than enlarging and restoring.
_TASKS = {
    "colorization": "colouring pictures",
    "inpainting": "filling in parts of pictures",
    "texture-generation": "making textures from textures",
}
#: Architectures that take several video frames at once.
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
    """The fields read from a file of `data/models`; prose, pictures and the rest are ignored."""

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
    """The result of importing a copy of OpenModelDB."""

    yaml: str
    """A registry file; empty if no record made a card."""
    cards: int
    left_out: dict[str, str] = field(default_factory=dict)
    """Reason by name of each file that made no card."""


def import_openmodeldb(source: Path) -> Imported:
    """Import the cards of a copy of OpenModelDB.

    Args:
        source: folder of a checkout, tar archive of one (plain, gzip, bzip2 or xz), or one JSON
            file of `data/models`.

    Raises:
        InputError: if the source cannot be read, is none of these, or is too large unpacked.
    """
    records: dict[str, bytes] = {}
    tables: dict[str, Mapping[str, Any]] = {}
    left_out: dict[str, str] = {}
    for name, content in files_of(source, _FOLDERS, _PATHS):
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
            f"{visible(str(source))}: contains no data/models/*.json; expected {_EXPECTED}"
        )
    entries: dict[str, str] = {}
    for name, content in sorted(records.items()):
        stem = name.rpartition("/")[2].removesuffix(".json")
        try:
            card = _card(stem, _record(content), tables)
            if card["id"] in entries:
                raise Refused(f"another file has the id {card['id']}")
            entries[card["id"]] = _entry(card)
        except Refused as refused:
            left_out[name] = refused.reason
    text = _HEADING + "models:\n" + "".join(entries.values()) if entries else ""
    return Imported(text, len(entries), left_out)


_HEADING = """\
# Made from a copy of OpenModelDB (https://openmodeldb.info) by `groundglass registry import`: the
# fields of its records, in the words of this program. OpenModelDB is published under GPL-3.0, which
# you have to follow if you pass this file on.
"""


# --- reading ----------------------------------------------------------------------------------


def _record(content: bytes) -> _Record:
    try:
        return _Record.model_validate(_json(content))
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        if not fault["loc"]:
            raise Refused("the file is not a JSON object") from None
        if fault["loc"][0] == "author":
            raise Refused("author: is neither text nor a list of texts") from None
        place = ".".join(map(str, fault["loc"]))
        raise Refused(f"{place}: {_FAULTS.get(fault['type'], 'cannot be used')}") from None


#: Faults in plain words, by Pydantic's error type.
_FAULTS = {
    "missing": "is missing",
    "string_type": "is not text",
    "string_unicode": "contains half a character (a lone surrogate)",
    "tuple_type": "is not a list",
    "model_type": "is not a JSON object",
    "greater_than": "has to be above 0",
    "less_than": "is too large",
    **dict.fromkeys(
        ("int_type", "int_parsing", "int_from_float", "int_parsing_size", "finite_number"),
        "is not a whole number",
    ),
}


def _table(content: bytes) -> Mapping[str, Any]:
    """Read the names of a table by key; without a readable table, keys serve as names."""
    try:
        table = _json(content)
    except Refused:
        return {}
    return table if isinstance(table, dict) else {}


def _json(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        raise Refused("is not valid JSON") from None


def _is_json(content: bytes) -> bool:
    try:
        _json(content)
    except Refused:
        return False
    return True


def _name_in(table: Mapping[str, Any], key: str) -> str:
    """Return the name of a key in a table, or the key itself if it has none."""
    entry = table.get(key)
    name = entry.get("name") if isinstance(entry, dict) else None
    return name if isinstance(name, str) else key


# --- cards ------------------------------------------------------------------------------------


def _card(stem: str, record: _Record, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    if record.architecture in _OF_VIDEOS:
        raise Refused(
            f"its architecture, {record.architecture}, takes several frames of a video at once"
        )
    # A pretrained base for other models is not meant for pictures.
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
    """Return the card as an entry of a registry file; raise `Refused` if it fails the check."""
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    try:
        text = yaml.dump([card], Dumper=dumper, allow_unicode=True, sort_keys=False, width=96)
        list(checked_rows("card", b"models:\n" + text.encode(), ()))
    except UnicodeEncodeError:
        raise Refused("contains half a character (a lone surrogate)") from None
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
    subject_text = format_list([SUBJECT_NAMES.get(key, key) for key in subjects]) or "pictures"
    defects = format_list([DEFECT_NAMES.get(key, key) for key in removes])
    network = f"The network of {name} has the architecture {architecture}."
    if (task := _task(record)) not in (_ENLARGING, _RESTORING):
        return f"{name} is a model for {task}. {network}"
    if record.scale > 1:
        also = f" and removes {defects}" if defects else ""
        return f"{name} enlarges {subject_text} {record.scale}×{also}. {network}"
    does = f"removes {defects} from" if defects else "restores"
    return f"{name} {does} {subject_text}. {network}"


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
    return f"{format_list(files)}{size}" if files else None


def _licence(spdx: str | None) -> dict[str, str] | None:
    if spdx is None:
        return None
    forbids = {"forbids": "It forbids commercial use."} if _commercial_use(spdx) is False else {}
    return {"name": spdx, **forbids}


def _commercial_use(spdx: str | None) -> bool | None:
    """Return whether a licence allows commercial use; None if unknown."""
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
