"""Another assistant's prose held against the registry, without a language model.

record      what came of it: sentences with verdicts and problems
passages    Markdown cut into what is checked one by one
nearness    the cards that a sentence is about, and the facts nearest to it
problems    links, numbers, names and runs that the registry does not bear out
check       all of it, sentence after sentence

Links, numbers, names and runs are checked exactly, by the rules that a model's own answers pass
(`agent.llm.author.exact`). Meaning is not: a fact may be near to a sentence that says its opposite.
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
