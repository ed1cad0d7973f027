"""The seam to language models: what a `ChatClient` is, and how one is opened by name.

    client = open_client(settings)             # "openai:gpt-4.1-mini", "scripted:replies.yaml"
    filled(client, prompts, prompt, Schema, problems)

Nothing is loaded and nothing is called before a model was named. `remote` is the only module of the
program that knows LangChain and OpenAI.
"""

from agent.llm.client import AskedTwice, ChatClient, Refused, Unusable, Watch, filled
from agent.llm.opening import open_client
from agent.llm.scripted import Scripted
from agent.llm.spending import Meter, Price, Spent

__all__ = [
    "AskedTwice",
    "ChatClient",
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
