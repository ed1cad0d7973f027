"""The one JSON object is found in whatever stands around it, and nothing is repaired."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, ValidationError

from agent.llm.json_reply import holds_object, read_object


class Point(BaseModel):
    model_config = ConfigDict(extra="forbid")
    x: int
    name: str = ""


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "\ufeff{}",
        "```json\n{}\n```",
        "```\n{}\n```",
        "Here you are:\n\n```JSON\n{}\n```\nIs there more to do?",
        "Surely! {} I hope that helps {{smile}}.",
        "I put {{claim:card/fact}} where it belongs. {}",
        '<think>\nMaybe {{"x": 9}}? No.\n</think>\n\n{}',
        '<THINKING>{{"x": 9}}</THINKING>{}',
        '[THINK]{{"x": 9}}[/THINK]{}',
        '◁think▷{{"x": 9}}◁/think▷{}',
        '<seed:think>{{"x": 9}}</seed:think>{}',
        '<reasoning>one</reasoning><reasoning>{{"x": 9}}</reasoning>{}',
        'The prompt opened the thought. {{"x": 9}}\n</think>\n{}',
        "<think></think>\n```json\n{}\n```",
        '{{"x": "a draft"}}\nNo: x is a number.\n{}',
        '{{"x": 9}}\nWait, better:\n{}',
        "[{}]",
        "<answer>{}</answer>",
        "\\boxed{{{}}}",
        '<|channel|>analysis<|message|>{{"x": 9}}<|end|><|channel|>final<|message|>{}<|return|>',
    ],
)
def test_the_object_is_read_whatever_stands_around_it(around: str) -> None:
    whole = json.dumps({"x": 1, "name": "a </think> {b} ``` c"})
    for given_object in ('{"x": 1}', whole):
        reply = around.replace("{}", given_object, 1).replace("{{", "{").replace("}}", "}")
        value, text = read_object(reply, Point)
        assert (value.x, text) == (1, given_object)


@pytest.mark.parametrize(
    "text",
    [
        "", "no", "{", '{"x": 1', "```json\n{'x': 1}\n```", '{"x": 1,}', '{"x": 1} // done'[:7],
        '{"x": "1a"}', '{"x": 1, "y": 2}', '{x: 1}', '<think>{"x": 1}',
        '<think>{"x": 1}</think>', '<think>{"x": 1}</think>{"x": "no"}', '{"x": NaN}',
        '{"Point": {"x": 1}}', '"{\\"x\\": 1}"',
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read_object(text, Point)
    assert not holds_object(text, Point)


def test_the_complaint_is_about_the_object_and_not_about_what_is_around_it() -> None:
    with pytest.raises(ValidationError) as caught:
        read_object('```json\n{"x": "a"}\n```', Point)
    assert caught.value.errors()[0]["loc"] == ("x",)


@given(st.text(), st.text(), st.integers(-9, 9), st.text())
def test_no_text_around_it_breaks_the_reading(before: str, after: str, x: int, name: str) -> None:
    given_object = json.dumps({"x": x, "name": name})
    try:
        value, _ = read_object(before + given_object + after, Point)
    except ValidationError:
        assert any(sign in before + after for sign in '{}[<◁"')
    else:
        assert value == Point(x=x, name=name)


@pytest.mark.parametrize(
    "text", ["{" * 200_000, '{"a":' * 40_000, "<think>" * 28_000, "[" * 200_000]
)
def test_hostile_nesting_ends(text: str) -> None:
    assert not holds_object(text, Point)
