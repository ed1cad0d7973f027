"""Removal of markup and other things around the words of a question.

HTML, Markdown, code, links, headers and signatures of e-mails and emoji say nothing about what is
asked. The time is linear in the length of the text: every gap in a pattern is bounded.
"""

from __future__ import annotations

import html
import re
import unicodedata

from agent.question.names import LINK

_I, _M, _S = re.IGNORECASE, re.MULTILINE, re.DOTALL
#: Patterns to remove and their replacements, applied in this order.
_STEPS: tuple[tuple[re.Pattern[str], str], ...] = (
    # e-mail: header lines except the subject, the line above a quotation, and the signature
    (re.compile(r"^(?:from|to|b?cc|date|sent|reply-to|message-id|mime-version|content-[a-z-]{2,20}|"
                r"return-path|received|importance|x-[a-z-]{1,30}):[^\n]{0,300}$", _I | _M), ""),
    (re.compile(r"^subject:\s*(?:(?:re|fwd?|aw):\s*){0,4}([^\n]{0,300})$", _I | _M), r"\1.\n"),
    (re.compile(r"^on [^\n]{5,120} wrote:[ \t]*$", _I | _M), ""),
    (re.compile(r"^[ \t]*(?:--[ \t]*|(?:best|kind|warm|many)?[ \t]*(?:regards|wishes)[^\n]{0,20}|"
                r"cheers,|(?:yours )?(?:sincerely|faithfully|truly)[^\n]{0,20}|yours,|"
                r"sent from my [^\n]{1,40})$.*", _I | _M | _S), ""),
    # code, except single words
    (re.compile(r"(?:```|~~~).*?(?:```|~~~|\Z)", _S), "\n\n"),
    (re.compile(r"`([A-Za-z][\w.+-]{0,60})`"), r"\1"),
    (re.compile(r"`[^`\n]{1,300}`"), " "),
    # HTML
    (re.compile(r"<(script|style)\b.{0,2000}?</\1\s*>|<!--.{0,2000}?-->", _I | _S), " "),
    (re.compile(r"<(?:br|/?(?:p|div|li|ul|ol|tr|td|th|table|h[1-6]|quote))\b[^<>]{0,300}>", _I),
     "\n\n"),
    (re.compile(r"</?[a-z][a-z0-9-]{0,20}(?:\s[^<>]{0,500})?/?>", _I), " "),
    # Markdown
    (re.compile(r"!?\[([^\[\]\n]{0,300})\]\([^()\s]{0,500}(?:\s\"[^\"\n]{0,200}\")?\)"), r"\1"),
    (re.compile(r"^[ \t]*[-=*_|: ]{3,200}$", _M), ""),
    (re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[> \t]{0,20}|[-*+•][ \t]+)", _M), "\n"),
    (re.compile(r"(?<![\w*])(\*{1,3}|_{1,3}|~~)(?=\S)([^*_~\n]{1,300})(?<=\S)\1(?![\w*])"), r"\2"),
    # addresses
    (re.compile(r"<?(?:mailto:)?[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,24}){1,4}>?"), " "),
    (LINK, " "),
    (re.compile(r"\(\s*\)|\[\s*\]"), " "),
)  # fmt: skip
_REPEATED = re.compile(r"[?!.,;…](?:\s?[?!.,;…]){1,}")
_PARAGRAPHS = re.compile(r"\n\s{0,200}\n")
_ENDS = frozenset(".?!,;:。？！")
_WORDLESS = frozenset(("So", "Sk", "Cs", "Cf", "Co", "Cn"))


def words_only(text: str) -> str:
    """Return the text without markup, code, links, e-mail headers and signatures, and emoji.

    Paragraphs and list items end like sentences; repeated punctuation is reduced to one mark.
    """
    for pattern, instead in _STEPS:
        text = pattern.sub(instead, text)
    text = html.unescape(text).replace("\u00a0", " ")
    if not text.isascii():
        text = "".join(c if unicodedata.category(c) not in _WORDLESS else " " for c in text)
    paragraphs = (" ".join(paragraph.split()) for paragraph in _PARAGRAPHS.split(text))
    ended = (p if p[-1] in _ENDS else f"{p}." for p in filter(None, paragraphs))
    return _REPEATED.sub(_one, " ".join(ended)).removesuffix(".")


def _one(marks: re.Match[str]) -> str:
    """Return the most informative of several punctuation marks."""
    return next((mark for mark in "?!." if mark in marks[0]), marks[0][0])
