"""What a language model may do, and no more: read the question and word the answer.

understanding   what is asked, and which of the systems shown it is about   prompts/understand.md
material        the facts and measurements that an answer may rest on
writing         sentences that rest on them, put together                   prompts/write.md
exact           numbers, names, links and runs of each sentence, checked without a model
review          each sentence judged, and written anew once   prompts/judge.md and correct.md

Where the model fails, the question is read and the answer composed without it. Only what the
registry holds can be cited, whatever it writes.
"""

from agent.llm.author.session import AuthorSession, OnStatement
from agent.llm.author.understanding import Understanding

__all__ = ["AuthorSession", "OnStatement", "Understanding"]
