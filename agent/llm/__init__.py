"""The seam to language models: what a `Chat` is, and how one is opened by name.

    chat = open_chat(settings)             # "openai:gpt-4.1-mini", "scripted:replies.yaml"
    filled(chat, prompts, prompt, Schema, problems)

Nothing is loaded and nothing is called before a model was named. `remote` is the only module of the
program that knows LangChain and OpenAI.
"""

from agent.llm.chat import AskedTwice, Chat, Refused, Unusable, Watch, filled
from agent.llm.opening import open_chat
from agent.llm.scripted import Scripted
from agent.llm.spending import Meter, Price, Spent

__all__ = [
    "AskedTwice",
    "Chat",
    "Meter",
    "Price",
    "Refused",
    "Scripted",
    "Spent",
    "Unusable",
    "Watch",
    "filled",
    "open_chat",
]
