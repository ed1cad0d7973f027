from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from agent.errors import InputError
from agent.lab.evaluation.rsa_change import changes, table

BASE: dict[str, Any] = {
    "encoder": "tiny",
    "weights_sha256": "0",
    "pictures": ["a.png", "b.png"],
    "rows": [
        {"layer": "x", "saliency": {"value": 0.25}, "semantic": {"value": 0.5}},
        {"layer": "y", "saliency": {"value": None}, "semantic": {"value": 0.5}},
        {"layer": "z", "saliency": {"value": 0.1}, "semantic": {"value": 0.1}},
    ],
}


def saved(folder: Path, **changed: Any) -> Path:
    path = folder / "rsa.json"
    path.write_text(json.dumps(BASE | changed))
    return path


def condition() -> dict[str, Any]:
    content = copy.deepcopy(BASE)
    content["rows"] = content["rows"][:2]
    content["rows"][0]["saliency"]["value"] = 0.75
    return content


def test_a_change_is_the_condition_minus_the_baseline(tmp_path: Path) -> None:
    found = changes(condition(), saved(tmp_path))
    assert found == {"x": {"saliency": 0.5, "semantic": 0}, "y": {"saliency": None, "semantic": 0}}
    assert table(found).splitlines()[2:] == [
        "x          +0.500      +0.000",
        "y               –      +0.000",
    ]


@pytest.mark.parametrize(
    ("changed", "complaint"),
    [
        ({"pictures": ["a.png", "c.png"]}, "differs in pictures"),
        ({"encoder": "other", "weights_sha256": "1"}, "differs in encoder, weights_sha256"),
        ({"rows": []}, "has none of the layers"),
        ({"rows": 3}, "not a result of groundglass rsa"),
    ],
)
def test_a_baseline_of_something_else_is_refused(
    tmp_path: Path, changed: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(InputError, match=complaint):
        changes(condition(), saved(tmp_path, **changed))


def test_a_baseline_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        changes(condition(), tmp_path / "none.json")
