"""The check of another assistant's prose against the registry, without a language model.

record      the result: sentences with verdicts and problems
passages    splits Markdown into the pieces to check
nearness    the cards that a sentence is about, and the closest facts
problems    links, numbers, names and runs that the registry does not support
check       the check of a whole text, sentence by sentence

Links, numbers, names and runs are checked exactly, by the same rules as a model's own answers
(`agent.llm.author.exact`). Meaning is not: a sentence may say the opposite of a close fact.
"""

from agent.llm.checking.check import MAX_CHARACTERS, MAX_SENTENCES, check_text
from agent.llm.checking.record import CheckedSentence, CheckedText, Problem, Totals, summary

__all__ = [
    "MAX_CHARACTERS",
    "MAX_SENTENCES",
    "CheckedSentence",
    "CheckedText",
    "Problem",
    "Totals",
    "check_text",
    "summary",
]
