"""Opening a client by name, scripted replies, and what is recorded of a model."""

from __future__ import annotations

import pytest

from agent.errors import ConfigError
from agent.llm import Refused, open_client
from agent.llm.prompts import Prompt
from agent.settings import Settings

PROMPT = Prompt("test", "s", "u")


def test_a_script_in_a_file_is_followed(tmp_path):
    path = tmp_path / "replies.yaml"
    path.write_text(
        "- prompt: test\n  reply: {x: 1}\n- prompt: test\n  reply: 'no'\n"
        "- refuse: I would rather not\n"
    )
    client = open_client(Settings(model=f"scripted:{path}"))
    assert client and [client.reply(PROMPT) for _ in range(3)] == ['{"x": 1}', "no", "no"]
    with pytest.raises(Refused, match="refused"):
        client.reply(Prompt("other", "s", "u"))


@pytest.mark.parametrize(
    "text", ["", "x: 1", "- 1", "- {}", "- {reply: a, error: b}", "- {say: a}", "["]
)
def test_a_script_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(ConfigError):
        open_client(Settings(model=f"scripted:{tmp_path / 's.yaml'}"))


@pytest.mark.parametrize(
    "value",
    [
        "{task: 2020-01-01}",
        "{2020-01-01: task}",
        "!!set {a, b}",
        "!!binary aGk=",
        "&a [*a]",
        "2020-13-45",
    ],
)
def test_a_reply_that_is_no_json_is_refused_on_one_line_when_the_file_is_read(tmp_path, value):
    path = tmp_path / "s.yaml"
    path.write_text(f"- reply: fine\n- reply: {value}\n")
    with pytest.raises(ConfigError, match=r"entry 2: reply|is not valid YAML") as raised:
        open_client(Settings(model=f"scripted:{path}"))
    assert "\n" not in str(raised.value)


def test_no_model_is_none_even_with_a_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-something")
    assert open_client(Settings()) is None
    with pytest.raises(ConfigError, match="PROVIDER:NAME"):
        open_client(Settings(model="openai:"))


def test_listed_prices_are_for_the_provider_s_own_service(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-something")
    client = open_client(Settings(model="gpt-4.1-mini", base_url=None))
    assert client and client.meter.price and client.name == "openai:gpt-4.1-mini"
    elsewhere = open_client(Settings(model="gpt-4.1-mini", base_url="http://127.0.0.1:1/v1"))
    assert elsewhere and elsewhere.meter.price is None


def test_what_is_recorded_of_a_model_holds_no_key_and_is_nothing_without_one():
    url = "https://user:hidden@host.example/v1?key=hidden"
    recorded = Settings(model="a:b", base_url=url).recorded()
    assert recorded["base_url"] == "https://host.example/v1"
    assert "hidden" not in str(recorded) and "model" not in Settings(base_url=url).recorded()
    assert Settings(base_url=url).sha256() == Settings(base_url=None).sha256()
