"""Replies to small talk: one line, and never a fact about a system."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from agent.question.languages import Languages, languages
from agent.question.patterns import compiled, either
from agent.question.words import words
from agent.types import ParsedQuestion, Turn

LONGEST = 40
"""Maximum number of words in a reply."""
_ASK = "Ask a question about an image model, or attach a picture and ask about it."
_REPLIES = (
    (r"(?:no |ok(?:ay)? |great |many )*(?:thanks?|thank you|thx|ty|cheers)\b", "You’re welcome."),
    (r"(?:good ?)?(?:bye|night)\b|see (?:you|ya)", "Goodbye."),
    (r"(?:hi+|hello|hey+|hiya|yo|howdy|greetings|good (?:morning|afternoon|evening|day))\b",
     f"Hello. {_ASK}"),
    (r"how (?:are you|are u|is it going|s it going)|what s up|sup\b|(?:is )?any(?:one|body) "
     r"(?:there|here)|are you there", f"Ready when you are. {_ASK}"),
    (r"sorry|never ?mind|nvm", f"No harm done. {_ASK}"),
    (r"tell me (?:a|another) (?:joke|story)", f"That is not what this program is for. {_ASK}"),
    (r".*\b(?:wrong|stupid|dumb|useless|bad|worst|terrible|awful|rubbish|nonsense|hate|crap\w*|"
     r"shit\w*|suck\w*|fuck\w*|wtf)\b",
     "Sorry that the answer was no help. Say what you want to know in one sentence, with the name "
     "of the system or with your picture."),
    (r".*\b(?:do not|don t|dont|didn t|can t|cannot) (?:get|understand|follow)\b",
     "Say which sentence is unclear, or ask for the answer in simple words."),
)  # fmt: skip
_GONE_BY = re.compile(
    r"(?:.*\b)?(?:shorter|short|brief\w*|concise|longer|simpler|simply|detail\w*|again|repeat|"
    r"rephrase|summar\w*|table|list|rest|other|first|second|third|last|next|same|more|continue|"
    r"go on|tl ?dr|reference|sure)\b"
)
_ALONE = re.compile(r"(?:(?:so|and|but|ok|sorry) )*(?:why|how|what|really|since when|says who)\b")


@cache
def _thanks(spoken: Languages) -> re.Pattern[str]:
    """Thanks in any language."""
    return compiled(either(spoken.vocabulary.politeness.thanks) + r"\W*", re.IGNORECASE)


def reply_to(text: str, parsed: ParsedQuestion, turns: Sequence[Turn] = ()) -> str:
    """Return a reply to a text that asks nothing, or ask back if it makes no sense alone.

    Args:
        turns: the conversation so far.

    Returns:
        At most `LONGEST` words, none of them from the text.
    """
    phrase = " ".join(word.text for word in words(text[:400]))
    if not phrase:
        return _ASK
    for pattern, reply in _REPLIES:
        if re.match(pattern, phrase):
            return reply
    if parsed.language != "en" and _thanks(languages()).fullmatch(text[:400].strip()):
        return "You’re welcome."
    if _ALONE.match(phrase):
        return "Please ask the whole question, such as “Why is my picture still blurred?”"
    if _GONE_BY.match(phrase):
        whole = "Ask the whole question again, with the name of the system."
        return whole if turns else f"There is no earlier answer to refer to. {_ASK}"
    return f"All right. {_ASK}" if not turns else "All right. What else would you like to know?"
