"""Records of OpenModelDB become cards by their fields alone; those that cannot be are told."""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import InputError
from agent.registry import Registry, check, load
from agent.registry.openmodeldb import import_openmodeldb
from agent.types import Card

RECORD: dict[str, Any] = {
    "name": "Crisp",
    "author": "somebody",
    "license": "CC-BY-NC-4.0",
    "tags": ["anime", "video-frame", "compression-removal", "jpeg", "restoration"],
    "description": "Prose of its author: the best of all! https://elsewhere.example/x",
    "date": "2023-05-01",
    "architecture": "esrgan",
    "size": ["64nf", "23nb"],
    "scale": 4,
    "inputChannels": 3,
    "outputChannels": 3,
    "resources": [
        {"platform": "pytorch", "type": "pth", "size": 67_000_000, "sha256": "A" * 64,
         "urls": ["http://old.example/a.pth", "https://new.example/a.pth"]},
        {"platform": "onnx", "type": "onnx", "size": None, "sha256": "b" * 64, "urls": []},
    ],
    "images": [],
    "dataset": "Prose of its author, too",
    "datasetSize": 14_848,
    "trainingIterations": 200_000,
    "trainingBatchSize": 8,
    "trainingHRSize": 128,
    "pretrainedModelG": "4x-ESRGAN",
}  # fmt: skip
TABLES = {
    "architectures.json": {"esrgan": {"name": "ESRGAN", "input": "image"}},
    "users.json": {"somebody": {"name": "Some Body"}},
}


def checkout(folder: Path, records: dict[str, Any], tables: dict[str, Any] = TABLES) -> Path:
    models = folder / "data" / "models"
    models.mkdir(parents=True)
    for name, record in records.items():
        (models / f"{name}.json").write_text(json.dumps(record), "utf-8")
    for name, table in tables.items():
        (folder / "data" / name).write_text(json.dumps(table), "utf-8")
    return folder


def registry_of(source: Path, folder: Path) -> Registry:
    path = folder / "made.yaml"
    path.write_text(import_openmodeldb(source).yaml, "utf-8")
    return load(path)


def card_of(folder: Path, **changes: Any) -> Card:
    record = {**copy.deepcopy(RECORD), **changes}
    registry = registry_of(checkout(folder / "db", {"4x-Crisp": record}), folder)
    return registry["4x-crisp"]


def reason(folder: Path, record: Any) -> str:
    imported = import_openmodeldb(checkout(folder / "db", {"4x-Crisp": record}))
    assert imported.cards == 0 and not imported.yaml
    return imported.left_out["data/models/4x-Crisp.json"]


def test_what_a_record_states_in_fields_is_in_the_card(tmp_path: Path) -> None:
    card = card_of(tmp_path)
    assert (card.name, card.title, card.authors, card.year) == (
        "4x-Crisp", "Crisp", ("Some Body",), 2023
    )  # fmt: skip
    assert card.scale == (4,)
    assert card.subjects == ("anime", "video-frames")
    assert card.removes == ("compression", "jpeg")
    assert card.architecture == "ESRGAN"
    assert card.sha256 == ("a" * 64, "b" * 64)
    assert card.licence is not None and card.licence.name == "CC-BY-NC-4.0"
    assert card.commercial_use is False
    assert card.based_on == ("4x-esrgan",)
    assert card.links == {
        "page": "https://openmodeldb.info/models/4x-Crisp",
        "weights": "https://new.example/a.pth",
    }
    assert [claim.text for claim in card.claims] == [
        "4x-Crisp was trained on 14,848 pictures, for 200,000 iterations, in batches of 8, "
        "with crops of 128 px a side."
    ]
    assert card.weights == ".pth of 67.0 MB and .onnx, network of the size 64nf 23nb"


def test_nothing_that_its_author_wrote_in_prose_is_in_the_card(tmp_path: Path) -> None:
    made = import_openmodeldb(checkout(tmp_path / "db", {"4x-Crisp": RECORD})).yaml
    assert "Prose" not in made and "best of all" not in made and "elsewhere" not in made


@pytest.mark.parametrize(
    ("spdx", "allowed"),
    [("MIT", True), ("CC0-1.0", True), ("CC-BY-SA-4.0", True), ("GPL-3.0-only", True),
     ("CC-BY-NC-4.0", False), ("CC-BY-NC-SA-4.0", False), ("My-Own", None), (None, None)],
)  # fmt: skip
def test_commercial_use_follows_from_the_licence_and_is_open_where_it_is_unknown(
    spdx: str | None, allowed: bool | None, tmp_path: Path
) -> None:
    card = card_of(tmp_path, license=spdx)
    assert card.commercial_use is allowed
    assert (card.licence is None) is (spdx is None)
    assert ("no-licence" in [limit.id for limit in card.limits]) is (spdx is None)


def test_a_model_to_train_others_from_is_offered_for_no_picture(tmp_path: Path) -> None:
    card = card_of(tmp_path, tags=["pretrained", "photo", "jpeg"])
    assert not card.subjects and not card.removes
    assert card.task == "starting the training of other models"
    assert [limit.id for limit in card.limits] == ["pretrained"]


def test_one_record_alone_gives_its_card(tmp_path: Path) -> None:
    path = tmp_path / "4x-Crisp.json"
    path.write_text(json.dumps(RECORD), "utf-8")
    card = registry_of(path, tmp_path)["4x-crisp"]
    assert (card.architecture, card.authors) == ("esrgan", ("somebody",))


def test_a_model_of_videos_is_left_out_and_why_is_told(tmp_path: Path) -> None:
    assert "several frames" in reason(tmp_path, {**RECORD, "architecture": "tscunet"})


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ([], "the file is not a JSON object"),
        ({**RECORD, "scale": "four"}, "scale: is not a whole number"),
        ({**RECORD, "author": 1}, "author: is neither text nor a list of texts"),
        ({**RECORD, "resources": [1]}, "resources.0: is not a JSON object"),
        ({**RECORD, "datasetSize": 0}, "datasetSize: has to be above 0"),
        ({**RECORD, "scale": 0}, "not a valid enlargement factor"),
        ({**RECORD, "name": "x" * 400}, "400 characters"),
        ({**RECORD, "name": "red \x1b[31m"}, "U+001B"),
        ({**RECORD, "name": "\ud800"}, "half a character"),
        ({**RECORD, "tags": "anime"}, "tags: is not a list"),
        ({key: RECORD[key] for key in RECORD if key != "license"}, "license: is missing"),
        ({**RECORD, "resources": [{"type": "pth", "sha256": "short"}]}, "64 hexadecimal"),
    ],
)
def test_a_record_that_makes_no_valid_card_is_left_out_with_the_key(
    record: Any, said: str, tmp_path: Path
) -> None:
    assert said in reason(tmp_path, record)


@pytest.mark.parametrize("text", ["", "{", "[" * 100_000, "\x00", '{"a": 1e', "9" * 10_000])
def test_broken_json_is_left_out(text: str, tmp_path: Path) -> None:
    folder = checkout(tmp_path / "db", {"fine": RECORD})
    (folder / "data" / "models" / "broken.json").write_text(text, "utf-8")
    imported = import_openmodeldb(folder)
    assert imported.cards == 1
    assert list(imported.left_out) == ["data/models/broken.json"]


def test_two_records_of_one_id_give_one_card(tmp_path: Path) -> None:
    folder = checkout(tmp_path / "db", {"4x-CRISP": RECORD, "4x-Crisp": RECORD})
    imported = import_openmodeldb(folder)
    assert imported.cards == 1
    assert "has the id 4x-crisp" in imported.left_out["data/models/4x-Crisp.json"]


def test_a_table_that_cannot_be_read_leaves_the_keys_as_they_are(tmp_path: Path) -> None:
    folder = checkout(tmp_path / "db", {"4x-Crisp": RECORD}, {"users.json": [1]})
    (folder / "data" / "architectures.json").write_text("{", "utf-8")
    card = registry_of(folder, tmp_path)["4x-crisp"]
    assert (card.architecture, card.authors) == ("esrgan", ("somebody",))


def test_what_holds_no_record_is_refused_with_what_was_expected(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "empty", tmp_path / "nowhere"):
        with pytest.raises(InputError, match="expected"):
            import_openmodeldb(source)


@pytest.mark.parametrize("content", [b"", bytes(10_240), bytes(range(256)) * 40, b"\x1f\x8b\0"])
def test_what_is_no_archive_is_told_by_the_name_that_was_given(
    content: bytes, tmp_path: Path
) -> None:
    source = tmp_path / "arc.tar"
    source.write_bytes(content)
    with pytest.raises(InputError) as raised:
        import_openmodeldb(source)
    assert str(raised.value).startswith(f"{source}: ")
    assert "data/models/arc.tar" not in str(raised.value)


def test_a_record_by_itself_is_told_by_the_name_that_was_given(tmp_path: Path) -> None:
    source = tmp_path / "4x-Crisp.json"
    source.write_text("{}", "utf-8")
    assert list(import_openmodeldb(source).left_out) == [str(source)]
    source.write_text(json.dumps(RECORD), "utf-8")
    assert import_openmodeldb(source).cards == 1


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(list(RECORD)), _values))
def test_whatever_a_record_holds_it_gives_a_valid_card_or_a_reason(
    tmp_path_factory: pytest.TempPathFactory, changes: dict[str, Any]
) -> None:
    folder = tmp_path_factory.mktemp("any")
    imported = import_openmodeldb(checkout(folder / "db", {"4x-Crisp": {**RECORD, **changes}}))
    assert imported.cards + len(imported.left_out) == 1
    if imported.cards:
        made = folder / "made.yaml"
        made.write_text(imported.yaml, "utf-8")
        assert check(made) == []


def test_a_snapshot_of_openmodeldb_is_imported_but_for_models_of_videos(tmp_path: Path) -> None:
    if not (place := os.environ.get("OPENMODELDB")):
        pytest.skip("set OPENMODELDB to a folder with open-model-database.tar.xz")
    source = Path(place, "open-model-database.tar.xz")
    imported = import_openmodeldb(source)
    assert imported.cards == 653
    assert {"several frames" in why for why in imported.left_out.values()} == {True}
    assert len(registry_of(source, tmp_path)) == 653
