"""The seam to language models: what a `ChatClient` is, how one is opened by name, and
the `LanguageModel` that joins it with its prompts and the cache of its replies.

    client = open_client(settings)        # "openai:gpt-4.1-mini", "scripted:replies.yaml"
    filled(client, prompts, prompt, Schema, problems)

Nothing is loaded and nothing is called before a model was named. `remote` is the only module of the
program that knows LangChain and OpenAI.
"""

from agent.llm.client import AskedTwice, ChatClient, Refused, Unusable, Watch, filled
from agent.llm.language_model import LanguageModel
from agent.llm.opening import open_client
from agent.llm.scripted import Scripted
from agent.llm.spending import Meter, Price, Spent

__all__ = [
    "AskedTwice",
    "ChatClient",
    "LanguageModel",
    "Meter",
    "Price",
    "Refused",
    "Scripted",
    "Spent",
    "Unusable",
    "Watch",
    "filled",
    "open_client",
]
