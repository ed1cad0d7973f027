"""Only what is a provider counts as one."""

from __future__ import annotations

import pytest
from langchain.chat_models.base import _BUILTIN_PROVIDERS

from agent.errors import ConfigError
from agent.llm.model_name import PACKAGES, split_name, unknown_provider


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("gpt-4.1-mini", ("openai", "gpt-4.1-mini")),
        ("openai:gpt-4.1-mini", ("openai", "gpt-4.1-mini")),
        (" OpenAI : gpt-4.1-mini ", ("openai", "gpt-4.1-mini")),
        ("azure-openai:gpt-4o", ("azure_openai", "gpt-4o")),
        ("llama3.2:3b", ("openai", "llama3.2:3b")),
        ("openai:llama3.2:3b", ("openai", "llama3.2:3b")),
        ("meta-llama/llama-3.3-70b-instruct:free", ("openai",) * 2),
        ("hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M", ("openai",) * 2),
        ("localhost:5000/library/model:tag", ("openai",) * 2),
        ("ft:gpt-4o-mini-2024-07-18:org::id", ("openai",) * 2),
        ("scripted:C:/replies.yaml", ("scripted", "C:/replies.yaml")),
    ],
)
def test_a_name_with_a_colon_of_its_own_stays_whole(model, expected):
    provider, name = expected
    assert split_name(model) == (provider, model if name == "openai" else name)


@pytest.mark.parametrize("model", ["", " ", ":", "openai:", ":x", "nobody:", " : "])
def test_a_name_that_is_none_is_refused(model):
    with pytest.raises(ConfigError, match="PROVIDER:NAME"):
        split_name(model)


def test_every_provider_of_langchain_is_known():
    assert set(_BUILTIN_PROVIDERS) <= set(PACKAGES)


def test_what_may_be_a_provider_s_name_with_a_slip_is_told():
    assert "did you mean 'anthropic'?" in (unknown_provider("antropic:claude") or "")
    for model in ("gpt-4.1-mini", "openai:gpt-4.1-mini", "anthropic:claude", "openai:a:b"):
        assert unknown_provider(model) is None
