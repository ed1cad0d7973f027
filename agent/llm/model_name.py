"""A model as settings name it: `PROVIDER:NAME`."""

from __future__ import annotations

from agent.errors import ConfigError

DEFAULT_PROVIDER = "openai"


def split_name(model: str) -> tuple[str, str]:
    """Provider and name; OpenAI is the provider where none is named.

    Raises:
        ConfigError: for an empty name.
    """
    provider, colon, name = model.partition(":")
    if not colon:
        provider, name = DEFAULT_PROVIDER, model
    provider, name = provider.strip().lower().replace("-", "_"), name.strip()
    if not provider or not name:
        raise ConfigError(
            f"the model {model!r} has no name; expected PROVIDER:NAME, such as openai:gpt-4.1-mini"
        )
    return provider, name
