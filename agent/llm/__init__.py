"""The interface to language models: a `ChatClient` replies, a `LanguageModel` fits a schema.

    client = open_client(settings)        # "openai:gpt-4.1-mini", "scripted:replies.yaml"
    llm = LanguageModel.open(settings)    # that client with its prompts and cached replies
    llm.structured_reply(prompt, Schema, problems)

client, language_model    the two interfaces
remote, client_setup      the client over the network, and the LangChain model that it wraps
dialect, compatible       what requests leave out for a server, and its replies in OpenAI's format
scripted                  a client that follows a script, for tests and demonstrations
prompts, json_reply, schema_text, reply_cache, spending, redaction    helpers of all these
failures                  what is at fault if a model does not answer, and what to do
author/, checking/, langchain/    writing answers, checking prose, agents with tools

Nothing is loaded and nothing is called unless the settings name a model.
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
