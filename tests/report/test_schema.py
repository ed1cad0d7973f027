"""JSON: the published schema describes what is written, and nothing in it steers a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agent.report.schema import json_text, report_schema, to_json
from agent.text import first_unsafe
from agent.types import Question, Report

TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool, "null": type(None),
    "integer": int, "number": (int, float),
}  # fmt: skip


def conforms(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether a value obeys the parts of JSON Schema that describe a report."""
    if "$ref" in schema:
        return conforms(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        return any(conforms(value, option, root) for option in schema["anyOf"])
    if "enum" in schema:
        return value in schema["enum"]
    if "type" in schema and not isinstance(value, TYPES[schema["type"]]):
        return False
    if isinstance(value, list):
        return all(conforms(item, schema["items"], root) for item in value)
    if isinstance(value, dict):
        known, more = schema.get("properties", {}), schema.get("additionalProperties")
        return (
            set(schema.get("required", ())) <= set(value)
            and all(conforms(value[name], known[name], root) for name in value if name in known)
            and all(
                more is True or (isinstance(more, dict) and conforms(value[name], more, root))
                for name in value
                if name not in known
            )
        )
    return True


@pytest.mark.parametrize("kind", ["report", "abstaining"])
def test_a_report_obeys_the_schema(make: SimpleNamespace, kind: str) -> None:
    schema = report_schema()
    content = json.loads(to_json(getattr(make, kind)()))
    assert conforms(content, schema, schema)
    assert set(content) == set(schema["properties"])


def test_the_schema_refuses_what_is_no_report(make: SimpleNamespace) -> None:
    schema = report_schema()
    content = json.loads(to_json(make.report()))
    assert not conforms({**content, "extra": 1}, schema, schema)
    assert not conforms({**content, "answer": None}, schema, schema)
    content["runs"][0]["status"] = "pretended"
    assert not conforms(content, schema, schema)


def test_json_is_what_the_nouns_say_and_reads_back(make: SimpleNamespace) -> None:
    report = make.report()
    assert json.loads(to_json(report)) == json.loads(report.model_dump_json())
    assert Report.model_validate_json(to_json(report)) == make.report(pictures={})


def test_names_of_files_cannot_steer_a_terminal(make: SimpleNamespace) -> None:
    names = ("\x9b2J.png", "\u202egnp.exe", "\ud83d\udcff\udcfe.png")
    question = Question(text="Why?", images=tuple(map(Path, names)))
    text = to_json(make.report(question=question))
    assert first_unsafe(text) is None
    assert "\\u009b2J.png" in text
    text.encode()
    assert json.loads(text)["question"]["images"][1] == names[1]


def test_plain_data_is_written_as_the_standard_library_has_it() -> None:
    data = {"a": [1, 0.25, -3.5e22, None, True, "“é”\n\t\x00"], "b": {}, "c": [], "d": {"e": ["f"]}}
    assert json_text(data) == json.dumps(data, indent=2, ensure_ascii=False)
    broken = {**data, "name": "\udcfe.png"}
    assert json_text(broken).replace("\\udcfe", "") == json_text({**data, "name": ".png"})
