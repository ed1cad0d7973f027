"""What kind of answer a question wants: explain, how_to, compare, fact or verify.

Patterns read a sentence as `Sentence.said` has it: lower case, no accents, no punctuation, one
space between words (and between Chinese characters).
"""

from __future__ import annotations

import re

from agent.question.lexicon import operations
from agent.question.sentences import Sentence
from agent.question.words import words
from agent.types import Intent

_BETTER = (
    r"(?:better|worse|faster|slower|sharper|cleaner|clearer|smaller|larger|bigger|lighter|newer|"
    r"stronger|safer|"
    r"(?:more|less) \w{1,20})"
)
_SELF = (
    r"(?!(?: the| my| its| an?)? ?(?:before|original|input|expected|i (?:expected|thought)|usual|"
    r"ever|it was|source|"
    r"unprocessed|blurry|raw))"
)
_COMPARE = re.compile(
    rf"\b(?:vs|versus|diff(?:erences?)? between|differ(?:s|ent)? from|differ\b|compare[sd]? "
    rf"(?!to (?:the|my|its) "
    rf"(?:original|input|source))|comparing|comparison|how (?:similar|different|alike|close)|"
    rf"{_BETTER}(?: \w{{1,30}}){{0,4}} than\b{_SELF}|(?:more|less) than (?!\d){_SELF}|"
    rf"(?:which|what|who)(?: \w{{1,20}}){{0,4}} {_BETTER}(?: \w{{1,30}}){{0,9}} or|\w{{1,30}} or "
    rf"(?:\w{{1,30}} ){{0,8}}better|"
    rf"(?:does|do|is|are) (?:\w{{1,30}} ){{1,5}}(?:or|beat|outperform)s? (?:\w{{1,30}} "
    rf"){{1,5}}{_BETTER}|"
    r"beats?|outperforms?|unterschied\w*|vergleich\w*|verglichen|besser als|difference entre|"
    r"comparer|"
    r"mieux que|diferencia\w*|comparar|mejor que|区 别|比 较|对 比)\b"
)
_VERIFY = re.compile(
    r"\b(?:is (?:it|that|this) (?:true|correct|right|so|accurate)|is it really|true or false|"
    r"fact check|verify|"
    r"double check|am i (?:right|correct|wrong)|really (?:true|work|do|enlarge|add|read)|(?:does|"
    r"do|did|is|are|was|can) "
    r"(?:\w{1,30} ){1,6}(?:really|actually)|"
    r"(?:isn|doesn|don|didn|aren|wasn|can|won) t (?:it|that|this)$|"
    r"confirm (?:that|if|whether)|"
    r"stimmt es|stimmt das|ist es wahr|wirklich|est ce vrai|est il vrai|es verdad|es cierto|是 "
    r"真 的)\b"
    r"|(?:^| )(?:right|correct|yes|no|true|oder|non|verdad)$"
)
_HOW_TO = re.compile(
    r"\b(?:how (?:do|can|could|should|would|might|shall) (?:i|we|you|one|someone)|how to|"
    r"what(?: \w{1,20}){0,3} (?:should|can|could|would|do) (?:i|we|you|one)|"
    r"(?:which|what) (?:model|network|tool|software|app|method|system|assistant|program)"
    r"(?: \w{1,20}){0,2} (?:can|could|would|will|removes?|helps?|makes?|gives?|reads?|sharpens?|"
    r"deblurs?|upscales?|restores?|fix(?:es)?) |"
    r"can (?:it|this|that|they|these|my \w{1,20}) be (?:sharp\w*|fixed|restored|deblurred|saved|"
    r"rescued|upscaled|enlarged|made|recovered|cleaned)|"
    r"which(?: \w{1,20}){0,3} (?:should|can|could|would|do) (?:i|we)|is there (?:an?|any|some|"
    r"something|anything) "
    r"(?:\w{1,20} ){0,2}(?:way|model|tool|network|method|paper|api|that|which|to)|"
    r"(?:i|we) (?:want|need|would like|d like|wish|am trying|m trying|am looking|m looking|hope)|"
    r"(?:i|we) (?:are trying|re trying|are looking|re looking)|help (?:me|us)|recommend|suggest|"
    r"what s the best|whats the best|what is the best|which \w{1,20} is (?:the )?best|best "
    r"(?:way|model|tool|method) (?:to|for)|"
    r"(?:steps|instructions|guide|tutorial) (?:to|for|on)|looking for|"
    r"wie (?:kann|konnen|mache|soll|muss|konnte) (?:ich|man|wir)|comment (?:puis|je|faire|peut|"
    r"on|rendre|agrandir)|"
    r"como (?:puedo|hago|se puede|podria|hacer|ampliar)|怎 么 (?:用|把|才 能|能)|如 何)\b"
)
_EXPLAIN = re.compile(
    r"\b(?:why|how come|explain|explanation|how (?:does|did|is|are|was|were|has|have|do|it|the|"
    r"this|that|they|both|"
    r"can (?:it|the|this|a|that)|could (?:it|the|this|a)|exactly)|how$|what (?:makes|made|keeps|"
    r"kept|causes|caused|"
    r"lets|let|allows|enables|prevents|stops|helps|happens|happened|explains|is going on|s going "
    r"on|mechanism)|"
    r"what (?:is|s) (?:the )?(?:reason|trick|secret|idea|intuition|mechanism|magic)|whats (?:the "
    r")?(?:reason|trick|secret)|"
    r"what (?:do|does|did) (?:\w{1,30} ){1,9}(?:do|mean|change|contribute|add)|in what way|"
    r"reason (?:why|for|that)|"
    r"understand (?:why|how)|wonder(?:ing)? (?:why|how)|tell me (?:about|more)|describe how|walk "
    r"me through|"
    r"warum|wieso|weshalb|wodurch|erklar\w*|wie (?:funktioniert|schafft|kommt|macht|bleib\w*|hat|"
    r"behalt|erhalt|werden|wird)|"
    r"pourquoi|expliqu\w*|comment|por que|explic\w*|como|perche|为 什 么|怎 么|为 何|原 理)\b"
    r"|为 什 么|怎 么|为 何|原 理"
)
_FACT = re.compile(
    r"\b(?:how (?:fast|slow|quick(?:ly)?|many|much|large|big|long|old|well|good|accurate|often|"
    r"sharp|small|wide|deep|heavy|"
    r"expensive|far|high|low|blurry|noisy|robust|reliable|tall|likely|soon)|what|whats|whose|who|"
    r"when (?:was|were|"
    r"did|is)|where|"
    r"(?:can|may|could|am|are) (?:i|we)(?: allowed to| permitted to| free to)?|do (?:i|we) "
    r"(?:need|have)|"
    r"is there|are there|list|name the|give me|show me|wie (?:schnell|viel|viele|gross|gut|"
    r"lange)|welche\w*|quel\w*|"
    r"combien|cual\w*|cuant\w*|que licencia|wer|wo|wann|什 么|多 少|多 快|哪)\b|什 么|多 少|多 "
    r"快|哪"
    r"|(?:^|\b(?:and|so|know|me|wonder|about|but|on|in|with|under|by|for|from|of|say|then) )which\b"
)
_YES_NO = re.compile(
    r"(?:(?:so|and|but|or|ok|okay|then|also|well|still|now|if|in that case) ){0,2}"
    r"(?:does|do|did|is|are|was|were|has|have|may|can|could|will|would|should|isn|doesn|don|didn|"
    r"aren|wasn|can t) "
    r"(?:t )?(?!i |we |you |there |someone |anyone |anybody |somebody )"
    r"|(?:ist|sind|hat|kann|wird|funktioniert|est ce|peut|es|puede|funciona) (?!ich |man |wir |"
    r"je |on )"
)
_REQUEST = re.compile(r"(?:can|could|would|will) you (?:please |kindly |maybe |also )?")


def intent_of(sentences: list[Sentence]) -> Intent:
    """The intent of the first sentence that asks something; of a statement at last."""
    for asking in (True, False):
        for sentence in sentences:
            if sentence.asks is asking and (found := _intent_of(sentence)):
                return found
    commands = any(at == 0 for _, at, _ in sentences[0].operations)
    return "how_to" if commands else "explain"


def _intent_of(sentence: Sentence) -> Intent | None:
    said = sentence.said
    if _VERIFY.search(said):
        return "verify"
    if _COMPARE.search(said):
        return "compare"
    starts: list[tuple[int, int, Intent]] = []
    named: tuple[tuple[re.Pattern[str], Intent], ...] = (
        (_HOW_TO, "how_to"),
        (_EXPLAIN, "explain"),
        (_FACT, "fact"),
    )
    for rank, (pattern, intent) in enumerate(named):
        if found := pattern.search(said):
            starts.append((found.start(), rank, intent))
    if (request := _REQUEST.match(said)) and not any(s[2] == "explain" for s in starts):
        named_first = operations(words(said[request.end() :][:80]))
        return "how_to" if named_first or not starts else min(starts)[2]
    if _YES_NO.match(said) and not (starts and min(starts)[2] == "how_to"):
        return "verify"
    return min(starts)[2] if starts else None


def wants_help(sentence: Sentence) -> bool:
    """Whether a sentence asks how to do something, or for it to be done."""
    return sentence.asks or _HOW_TO.search(sentence.said) is not None
