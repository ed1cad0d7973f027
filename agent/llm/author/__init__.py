"""The two tasks of a language model: to understand the question and to word the answer.

session         the model's work on one question, step by step
understanding   what is asked, and which systems it is about        prompts/understand.md
material        the facts and measurements that an answer may use
writing         sentences based on them, assembled to an answer     prompts/write.md
exact           checks of numbers, names, links and runs, without a model
review          each sentence judged, and corrected once            prompts/judge.md, correct.md

If the model fails, the question is parsed and the answer composed without it. Whatever the model
writes, only the registry can be cited.
"""

from agent.llm.author.session import AuthorSession, OnStatement
from agent.llm.author.understanding import Understanding

__all__ = ["AuthorSession", "OnStatement", "Understanding"]
