"""What a language model may do, and no more: choose experiments and word the answer.

choosing   names the tools to run, of those that no answer rests on    prompts/plan.md
writing    words statements about facts and evidence that exist        prompts/write.md

Where the model fails, every tool runs and the offline answer stands. How the question is read,
which cards are cited and what every answer rests on is settled without it.
"""

from agent.llm.author.session import AuthorSession, OnStatement

__all__ = ["AuthorSession", "OnStatement"]
