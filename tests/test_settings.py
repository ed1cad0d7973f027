"""Each setting says what it can change and who may decide it, and all else follows from that."""

from __future__ import annotations

import ast
from dataclasses import fields, make_dataclass, replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

import agent.systems.catalogue
from agent import settings as module
from agent.imaging.picture import Picture
from agent.settings import Affects, DecidedBy, Role, Settings, roles
from agent.systems.result_cache import key_of
from agent.systems.spec import Job

PLAIN = Settings(
    registry=Path("cards.yaml"), weights=Path("net.safetensors"), cache=Path("c"), data=Path("d"),
    base_url=None,
)  # fmt: skip
#: Another value for every setting.
OTHER: dict[str, Any] = {
    "registry": Path("r"), "weights": Path("w"), "cache": Path("x"), "device": "cuda:1",
    "max_pixels": 1000, "precision": "int8", "tile": 256, "ensemble": True, "evidence": "full",
    "data": Path("y"), "no_log": True, "model": "openai:a",
    "judge": "none",
    "base_url": "https://u:k@h.example/v1?key=1", "prompts": Path("p"), "timeout": 5.0, "rate": 2.0,
    "max_tokens": 7, "max_usd": 0.5, "price": "1/2", "llavar": Path("l"), "send_images": True,
}  # fmt: skip
NAMES = tuple(OTHER)


def test_every_setting_says_what_it_can_change_and_who_may_decide_it() -> None:
    for item in fields(Settings):
        role = item.metadata.get("role")
        assert isinstance(role, Role), f"the setting {item.name} has no role"
        assert role.affects in get_args(Affects) and role.decided_by in get_args(DecidedBy)
    assert tuple(roles()) == tuple(item.name for item in fields(Settings))
    assert set(NAMES) == set(roles()), "a new setting needs another value here"


def test_a_setting_that_does_not_say_can_change_all_and_no_report_decides_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    more = make_dataclass("More", [("new", int, 1)], bases=(Settings,), frozen=True)
    monkeypatch.setattr(module, "Settings", more)
    role = roles.__wrapped__()["new"]
    assert role == Role("run", "user", recorded=True)


def test_a_report_decides_these_settings_and_no_others() -> None:
    """Whoever adds one here has weighed that a stranger may choose its value."""
    assert {name for name, role in roles().items() if role.decided_by == "report"} == {
        "registry", "weights", "device", "max_pixels", "precision", "tile", "ensemble", "evidence",
        "llavar",
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("model", [None, "openai:b"])
def test_a_report_records_what_can_change_the_answer(name: str, model: str | None) -> None:
    before = replace(PLAIN, model=model)
    after = replace(before, **{name: OTHER[name]})
    role = roles()[name]
    counts = {"run": True, "answer": True, "model": bool(after.model), "nothing": False}
    recorded = role.recorded and counts[role.affects]
    assert (name in after.recorded()) is recorded
    assert (after.sha256() != before.sha256()) is recorded


@pytest.mark.parametrize(
    ("changes", "digest"),
    [
        ({}, "55ff4db5ac7de8f7aaf89d65e3e6db81921b3a5d7435aeacdaf58acbe63017f9"),
        (OTHER, "785f0ef4e7ff3567900150891243e5918d1344b22174ad404cbb4f898dd70a1c"),
        (
            OTHER | {"model": None},
            "08606c43fd236bcfcb484d0e7fb8da3a28971aa50856cbc1a4ad524b3a237095",
        ),
    ],
)
def test_settings_keep_the_hash_that_saved_reports_have(
    changes: dict[str, Any], digest: str
) -> None:
    kept = {"registry": PLAIN.registry, "weights": PLAIN.weights}
    assert replace(PLAIN, **(changes | kept)).sha256() == digest


def test_a_report_holds_no_credentials_of_a_server() -> None:
    recorded = Settings(**OTHER).recorded()
    assert recorded["base_url"] == "https://h.example/v1" and list(recorded) == sorted(recorded)


@pytest.mark.parametrize(
    ("base_url", "shown"),
    [
        ("http://u:hidden@h:9/v1?key=hidden#hidden", "http://h:9/v1"),
        ("u:hidden@h:9/v1", "h:9/v1"),
        (" http://h/v1\n", "http://h/v1"),
        ("http://[::1/v1", "http://[::1/v1"),
        ("http://h/v1/a@b", "http://h/v1/a@b"),
        ("", ""),
        (None, None),
    ],
)
def test_a_server_is_recorded_without_credentials_whatever_else_is_wrong_with_it(
    base_url: str | None, shown: str | None
) -> None:
    assert Settings(model="a:b", base_url=base_url).recorded()["base_url"] == shown


@pytest.mark.parametrize("name", NAMES)
def test_what_a_tool_made_is_used_again_unless_it_would_make_something_else(name: str) -> None:
    job = Job("card", Picture("a.png", np.zeros((4, 5, 3), np.uint8)), "a")
    keys = {key_of("restore", job, s) for s in (PLAIN, replace(PLAIN, **{name: OTHER[name]}))}
    assert (len(keys) == 2) is (roles()[name].affects == "run")


def test_tools_read_only_settings_that_their_results_are_kept_by() -> None:
    read = {
        node.attr
        for path in Path(agent.systems.catalogue.__file__).parent.glob("*/*.py")
        if path.parent.name != "workflow"
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "settings"
    }
    assert {"weights", "device", "precision"} <= read
    assert read <= {name for name, role in roles().items() if role.affects == "run"}
