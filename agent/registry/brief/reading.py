"""Extraction of a system's task, input and output from the summary in a brief.

It uses patterns of English sentences; whatever none of them matches counts as not stated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from agent.question.words import word_set

_MOST_WORDS = 12
#: Verbs that do not say what a system is for.
_NO_TASK = word_set(
    """is has does was as takes uses needs requires accepts receives expects achieves reaches
    attains outperforms surpasses beats exceeds sets obtains gets scores wins consists comes relies
    depends runs works operates shows introduces proposes presents builds combines
    extends learns follows adapts employs applies adopts contains includes gives makes provides
    offers supports allows lets enables serves performs aims goes stands belongs differs costs
    fails struggles handles keeps remains stays processes trains starts begins ends tries seems
    becomes weighs fits inherits improves shares exists appears treats this its
    produces outputs returns yields emits delivers looks"""
)
_NOUNS = (
    r"(?:model|network|system|method|approach|tool|framework|architecture|algorithm|pipeline|"
    r"program|transformer|cnn|u-net|unet|gan|encoder|decoder|assistant|engine|app|application)"
)
_STOPS = (
    r"(?:by|using|with|which|that|while|so|without|through|via|based|where|whose|because|but|when|"
    r"even|after|before|unlike|rather|than|as|is|are|was|were|has|have|can|runs?|"
    r"(?:at|under) (?=\d|about|up to|real)|in (?=[\d.]+ ?(?:m?s|seconds?|minutes?)\b)|"
    r"and (?=then|\w+s (?!(?:in|of|on|from|for|at|with|by|into|to|as|under|over)\b)\w))"
)
_PHRASE = (
    r"(?P<object>(?!(?:no|not|nothing|neither)\b)"
    rf"(?:(?!{_STOPS}\b)[\w'’/+-]+(?: |(?=[,;:.()]|$))){{1,24}})"
)
_ADVERBS = r"(?:(?:also|both|automatically|jointly|directly|then|first|\w+ly) )?"
_VERBS = r"(?P<verb>[a-z-]{3,20}s)(?: and (?P<more>[a-z-]{3,20}s))?"
_MADE = "designed|made|trained|built|meant|intended|used|developed"
_THAT = re.compile(rf"\b{_NOUNS}s? (?:that|which) {_ADVERBS}{_VERBS} {_PHRASE}", re.IGNORECASE)
#: A list item, which has no subject.
_BARE = re.compile(
    r"^(?P<verb>segments|restores|detects|recogni[sz]es|reads|removes|generates|describes|estimates|"
    r"predicts|classifies|transcribes|translates|enlarges|upscales|deblurs|denoises|colou?ri[sz]es|"
    r"answers|finds|tracks|converts|turns|sharpens|reconstructs|counts|identifies|locates|measures)"
    rf"(?: and (?P<more>[a-z-]{{3,20}}s))? {_PHRASE}",
    re.IGNORECASE,
)
_FOR = re.compile(rf"\b(?:{_NOUNS}s?|{_MADE}) for {_PHRASE}", re.IGNORECASE)
_TO = re.compile(
    rf"\b(?:{_NOUNS}s?|{_MADE}|aims?|learns|able) to {_ADVERBS}(?P<verb>[a-z-]{{3,20}}) {_PHRASE}",
    re.IGNORECASE,
)
_PERFORMS = re.compile(rf"\b(?:performs|does|tackles|addresses) {_PHRASE}", re.IGNORECASE)
_KIND = re.compile(
    rf"\b(?:is|are|present|propose|introduce) (?:an?|the) "
    rf"(?P<object>(?:[\w-]+ ){{1,6}}?){_NOUNS}\b",
    re.IGNORECASE,
)
#: Last word of a task before a noun such as model: `object detection model`.
_TASK_WORD = re.compile(r"(?:tion|sion|ing|ocr|depth|tracking|recognition|retrieval)$")
_NO_TASK_WORD = re.compile(r"(?:learning|vision|attention|convolution|foundation|diffusion)$")
_PRAISE = word_set(
    """a an the new novel simple fast light lightweight small large deep efficient accurate powerful
    modern recent neural state-of-the-art open-source robust compact unified end-to-end"""
)
_ENDS = word_set("a an the of in on for from to into and or with its their one")

#: Objects of `take` and `give` that are not inputs or outputs: `12 ms`, `two days`, `advantage of`.
_NO_THING = re.compile(
    r"(?:about |only |around |under |up to |less than |more than )?"
    r"(?:[\d.,]+|an?|one|two|three|a few|several) ?(?:ms|s|seconds?|minutes?|hours?|days?|weeks?|"
    r"months?|gb|gib|mb|%|times|frames? per)\b|"
    r"advantage|care\b|place\b|part in|time\b|(?:into )?account|rise|way\b|better|good|state|"
    r"results? of|an? (?:improvement|gain|score|speed)",
    re.IGNORECASE,
)
_IT = (
    r"(?:^|[,;:] |\band |\bthen )"
    r"(?:(?:it|(?:the|this|our) (?:\w+ )?(?:model|network|system|method|approach|tool|framework|"
    r"algorithm|pipeline|program|assistant|app)) )?(?:also |then |\w+ly )?"
)
_GIVES = (
    r"(?:produces?|outputs?|returns?|yields?|emits?|gives?|predicts?|estimates?|generates?|writes?|"
    r"delivers?|draws?)"
)
_END = rf"[,;:()]|\.(?!\d)|\b(?:which|while|using|by (?=\w+ing\b)|and (?:then )?{_GIVES})\b"
_INPUT = rf"(?P<input>(?:(?!{_END}|\b(?:as|into|to)\b).){{2,160}})"
_OUTPUT = rf"(?P<output>(?:(?!{_END}|\bfrom\b).){{2,160}})"
_TURNS = rf"\b(?:turns?|converts?|maps?|translates?|transforms?) {_INPUT}(?:into|to) {_OUTPUT}"
_FROM = (
    r"\b(?:estimat|predict|generat|reconstruct|recover|infer|creat|synthesi[sz]|comput)\w* "
    rf"(?:(?!{_END}).){{3,80}}? from {_INPUT}"
)
_INPUTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        _TURNS,
        rf"{_IT}(?:takes?|accepts?|receives?|expects?|is given|is fed|is shown) {_INPUT}",
        rf"\binputs?(?: is| are| consists? of|:) {_INPUT}",
        rf"^given {_INPUT},",
        _FROM,
    )
)
_OUTPUTS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        _TURNS,
        rf"\boutputs?(?: is| are| consists? of|:) {_OUTPUT}",
        rf"{_IT}{_GIVES} {_OUTPUT}",
    )
)
_METHOD = re.compile(
    r"\b(?:transformer|diffusion|gan|lstm|recurrent|u-?net|encoder|decoder|backbone|convolution\w*|"
    r"attention|branch|head|module|layer|block|residual|network|architecture|loss|pyramid|trained)s?\b",
    re.IGNORECASE,
)


def task_of(sentences: Sequence[str], names: Iterable[str]) -> str | None:
    """Extract what a system does from the first three sentences: `segmenting tumours in CT scans`.

    Args:
        names: names of the system.

    Returns:
        A phrase with a gerund or noun, at most twelve words in lower case; None if no sentence says
        it, or another one denies it.
    """
    subject = rf"(?:(?:the |our |this )?(?:{_either(names)})|it|(?:the|this|our) (?:\w+ )?{_NOUNS})"
    does = re.compile(rf"^{subject} {_ADVERBS}{_VERBS} {_PHRASE}", re.IGNORECASE)
    text = " ".join(sentences)
    for sentence in sentences[:3]:
        for verb, phrase in _phrases(sentence.rstrip(".!?"), does):
            denial = rf"(?:\bnot|n['’]t|\bnever|\bcannot) (?:\w+ )?{verb}\b"
            if not (verb and re.search(denial, text, re.IGNORECASE)) and (tidy := _tidy(phrase)):
                return tidy
    return None


def _phrases(sentence: str, does: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    """Yield the verb, if any, and the phrase of possible tasks, the most certain first."""
    for pattern in (does, _THAT, _BARE):
        for match in pattern.finditer(sentence):
            if match["verb"].lower() not in _NO_TASK:
                verbs = [_base(verb.lower()) for verb in (match["verb"], match["more"]) if verb]
                yield verbs[0], f"{' and '.join(map(_gerund, verbs))} {match['object']}"
    for match in _PERFORMS.finditer(sentence):
        yield "", match["object"]
    for match in _FOR.finditer(sentence):
        yield "", match["object"]
    for match in _TO.finditer(sentence):
        yield (verb := match["verb"].lower()), f"{_gerund(verb)} {match['object']}"
    for match in _KIND.finditer(sentence):
        last = match["object"].split()[-1].lower()
        if _TASK_WORD.search(last) and not _NO_TASK_WORD.search(last):
            yield "", match["object"]


def _tidy(phrase: str) -> str | None:
    """Lower-case a phrase except abbreviations, and strip praise and dangling words."""
    words = phrase.split()[:_MOST_WORDS]
    while words and words[0].lower() in _PRAISE:
        del words[0]
    while words and words[-1].lower() in _ENDS:
        del words[-1]
    words = [word if sum(map(str.isupper, word)) > 1 else word.lower() for word in words]
    return " ".join(words) if len(" ".join(words)) > 3 and not words[0][0].isdigit() else None


def _base(verb: str) -> str:
    """Return the base form of `restores`, `classifies` or `matches`."""
    if verb.endswith("ies"):
        return f"{verb[:-3]}y"
    return verb[:-2] if re.search(r"(?:ch|sh|ss|x|zz)es$", verb) else verb[:-1]


def _gerund(verb: str) -> str:
    """Return the gerund of a verb: `restoring`, `mapping`, `labelling`."""
    if verb.endswith("e") and not re.search(r"[eoy]e$", verb):
        return f"{verb[:-1]}ing"
    short = re.search(r"^[^aeiou]+[aeiou][^aeiouwxy]$|[^aeiou]el$|blur$", verb)
    return f"{verb}{verb[-1] if short else ''}ing"


def input_of(sentences: Sequence[str], names: Iterable[str]) -> str | None:
    """Extract the input of a system from the first sentence that states it: `a stack of CT slices`.

    Args:
        names: names of the system.
    """
    return _thing(sentences, names, "input", _INPUTS)


def output_of(sentences: Sequence[str], names: Iterable[str]) -> str | None:
    """Extract the output of a system likewise; `one in colour` becomes `a picture in colour`."""
    names = tuple(names)
    result = _thing(sentences, names, "output", _OUTPUTS)
    pronoun = result and re.match(r"one (?=(?:in|with|of|that|at)\b)", result)
    if result and pronoun and (source := input_of(sentences, names)):
        return f"a {source.split()[-1]} {result[4:]}"
    return result


def methods_of(sentences: Iterable[str]) -> list[str]:
    """Return the sentences that say how a system is built."""
    return [sentence for sentence in sentences if _METHOD.search(sentence)]


def _thing(
    sentences: Iterable[str], names: Iterable[str], group: str, patterns: Iterable[re.Pattern[str]]
) -> str | None:
    name = re.compile(rf"(?<!\w)(?:{_either(names)})(?!\w)")
    sentences = [name.sub("it", sentence) for sentence in sentences]
    for pattern in patterns:
        for sentence in sentences:
            match = pattern.search(sentence)
            if match and not _NO_THING.match(thing := match[group].strip()):
                return re.sub(r"^(?:their|its) ", "the ", thing)
    return None


def _either(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(filter(None, names), key=len, reverse=True)))
