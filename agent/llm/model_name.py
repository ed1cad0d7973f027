"""Names of models as settings have them: `PROVIDER:NAME`."""

from __future__ import annotations

from difflib import get_close_matches

from agent.errors import ConfigError

DEFAULT_PROVIDER = "openai"
SCRIPTED = "scripted"
#: The package of each provider known to LangChain.
PACKAGES = {
    "anthropic": "langchain-anthropic",
    "anthropic_bedrock": "langchain-aws",
    "azure_ai": "langchain-azure-ai",
    "azure_openai": "langchain-openai",
    "baseten": "langchain-baseten",
    "bedrock": "langchain-aws",
    "bedrock_converse": "langchain-aws",
    "bedrock_mantle_anthropic": "langchain-aws",
    "bedrock_mantle_openai": "langchain-aws",
    "cohere": "langchain-cohere",
    "deepseek": "langchain-deepseek",
    "fireworks": "langchain-fireworks",
    "google_anthropic_vertex": "langchain-google-vertexai",
    "google_genai": "langchain-google-genai",
    "google_vertexai": "langchain-google-vertexai",
    "groq": "langchain-groq",
    "huggingface": "langchain-huggingface",
    "ibm": "langchain-ibm",
    "langsmith": "langchain-openai",
    "litellm": "langchain-litellm",
    "meta": "langchain-meta",
    "mistralai": "langchain-mistralai",
    "nvidia": "langchain-nvidia-ai-endpoints",
    "ollama": "langchain-ollama",
    "openai": "langchain-openai",
    "openrouter": "langchain-openrouter",
    "perplexity": "langchain-perplexity",
    "together": "langchain-together",
    "upstage": "langchain-upstage",
    "xai": "langchain-xai",
}


def split_name(model: str) -> tuple[str, str]:
    """Split a model into provider and name; the default provider is OpenAI.

    Only known providers count: anything else before a colon belongs to the name, as in
    `llama3.2:3b`.

    Raises:
        ConfigError: if the name is empty.
    """
    first, colon, name = model.partition(":")
    provider = first.strip().lower().replace("-", "_")
    is_provider = provider in (*PACKAGES, SCRIPTED)
    if not colon or (provider and name.strip() and not is_provider):
        provider, name = DEFAULT_PROVIDER, model
    if not provider or not name.strip():
        raise ConfigError(
            f"the model {model!r} has no name; expected PROVIDER:NAME, such as openai:gpt-4.1-mini"
        )
    return provider, name.strip()


def unknown_provider(model: str) -> str | None:
    """Return a message that the text before the colon is not a provider; None if it is one."""
    first, colon, _ = model.partition(":")
    if not colon or split_name(model)[1] != model.strip():
        return None
    near = get_close_matches(first.strip().lower().replace("-", "_"), PACKAGES, 1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return f"there is no provider {first.strip()!r}{hint}, so the whole was taken as a name"
