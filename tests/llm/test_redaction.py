from __future__ import annotations

import pytest

from agent.llm.redaction import PLACEHOLDER, without_keys


def test_the_value_of_a_secret_variable_is_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SERVICE_API_KEY", "correct-horse-battery")
    monkeypatch.setenv("SOME_SERVICE_URL", "https://example.org")
    assert without_keys("is correct-horse-battery at https://example.org?") == (
        f"is {PLACEHOLDER} at https://example.org?"
    )


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-abcDEF0123456789abcDEF",
        "sk-ant-api03-abcDEF0123456789",
        "gsk_abcDEF0123456789abcDEF",
        "hf_abcDEF0123456789abcDEF",
        "ghp_abcDEF0123456789abcDEF",
        "lsv2_pt_abcDEF0123456789abc",
        "AIzaSyA0123456789abcdefghijklmnopqrstuv",
    ],
)
def test_what_looks_like_a_key_is_taken_out(key: str) -> None:
    assert without_keys(f"my key {key}, why?") == f"my key {PLACEHOLDER}, why?"


def test_words_that_only_look_like_keys_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_KEY", "blur")  # too short to be a secret
    text = "Why no blur with task-specific sk-ip connections, and hf_hub, and disk-based caches?"
    assert without_keys(text) == text
