"""The seam to language models: a `ChatClient` replies, a `LanguageModel` fits replies to a schema.

    client = open_client(settings)        # "openai:gpt-4.1-mini", "scripted:replies.yaml"
    llm = LanguageModel.open(settings)    # that client with its prompts and cached replies
    llm.structured_reply(prompt, Schema, problems)

Nothing is loaded and nothing is called before a model was named. `remote` asks, `client_setup` sets
LangChain's model up, `dialect` leaves out of requests what a server refuses, `compatible` gives
every reply OpenAI's form, `failures` names what is wrong.
"""

from agent.llm.client import ChatClient, Refused, Unusable, Watch
from agent.llm.language_model import AskedTwice, LanguageModel
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
    "open_client",
]
