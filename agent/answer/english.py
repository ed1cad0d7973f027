"""English word classes and verb forms, as far as restating a question needs them.

All words are in lower case. The verbs are the most common ones in questions about pictures and
networks; forms of other verbs are not guessed.
"""

from __future__ import annotations

import re

from agent.question.words import word_set

AUXILIARIES = word_set(
    """do does did is are was were am has have had can could will would should may might must shall
    cannot"""
)
BE = word_set("is are was were am")
HAVE = word_set("has have had")
DO = word_set("do does did")
MODALS = AUXILIARIES - BE - HAVE - DO
QUESTION_WORDS = word_set("what which who whom whose when where why how")
PRONOUNS = word_set(
    """i you he she it we they there one someone somebody anyone anybody everyone everybody people
    everything anything something nothing nobody"""
)
POINTERS = word_set("this that these those")
POSSESSIVES = word_set("my your his her its our their")
DETERMINERS = POINTERS | word_set(
    "a an the any some no each every both all another more most other such"
)
PREPOSITIONS = word_set(
    """of in on at by for from to with without into onto about between among through under over
    above below behind beside within against across along around before after during until since
    than as like per via inside outside versus vs up out off upon beyond despite instead near except
    plus then"""
)
CONJUNCTIONS = word_set("and or but nor so because if when while although though that whether")
RELATIVES = word_set("that which who whose where")
ADVERBS = word_set(
    """actually really also still ever even just already always never only often usually honestly
    truly now simply automatically probably maybe somehow generally normally typically currently not
    possibly exactly ultimately rather completely fully directly gradually later properly
    suddenly"""
)
DEGREES = word_set("very too so quite far much well better slightly rather that")
ADJECTIVES = word_set(
    """able blue red green yellow warm warmer cold cool accurate active available aware bad best
    better big bigger blurred blurry broken cheap cheaper clear clearer closed coherent common
    compatible consistent correct dangerous dead different difficult easy easier enough fair
    false fast faster fine finer fit free frozen full good hard harder higher identical
    important impossible intact large larger legal legible less likely long longer lossy lower
    necessary needed new newer normal okay old older open real readable ready realistic reliable
    repeatable responsible right robust safe safer same secure sensitive sharp sharper slow
    slower small smaller soft sound square stable stronger sure true trustworthy unreadable
    useful useless visible wide wider worse worth wrong yours open-source bright dark black
    white grey gray mine private public suitable"""
)

_IRREGULAR = """
    be was been; become became become; begin began begun; blow blew blown; break broke broken; bring
    brought brought; build built built; buy bought bought; catch caught caught; choose chose
    chosen; come came come; cost cost cost; cut cut cut; deal dealt dealt; do did done; draw
    drew drawn; drive drove driven; fall fell fallen; feed fed fed; feel felt felt; find found
    found; fit fit fit; forget forgot forgotten; get got got; give gave given; go went gone;
    grow grew grown; have had had; hear heard heard; hide hid hidden; hit hit hit; hold held
    held; hurt hurt hurt; keep kept kept; know knew known; lead led led; learn learned learned;
    leave left left; let let let; lie lay lain; lose lost lost; make made made; mean meant
    meant; meet met met; pay paid paid; put put put; read read read; rise rose risen; run ran
    run; say said said; see saw seen; sell sold sold; send sent sent; set set set; shake shook
    shaken; shoot shot shot; show showed shown; shrink shrank shrunk; shut shut shut; sit sat
    sat; spend spent spent; split split split; spread spread spread; stand stood stood; steal
    stole stolen; stick stuck stuck; take took taken; teach taught taught; tear tore torn; tell
    told told; think thought thought; throw threw thrown; understand understood understood; undo
    undid undone; wear wore worn; win won won; withstand withstood withstood; write wrote
    written; overfit overfit overfit"""
_REGULAR = """
    accept achieve act adapt add adjust affect agree align allow alter amount analyse analyze answer
    appear apply approach ask assume attend attract average avoid backpropagate beat behave
    belong bend benefit blend blow blur boost calculate calibrate call care carry cause center
    centre change charge check cite claim classify clean clear clip close color colour colourise
    combine compare compete complete compress compute concatenate condition consist contain
    contest continue contribute convert cope copy correct count cover crash create crop deblur
    decide decode decrease denoise depend describe deserve destroy detect determine deviate
    differ discard discover distinguish distort divide dominate double download drink drop earn
    edit enable encode end enhance enlarge ensure erase estimate evaluate exaggerate examine
    exceed exist expect experience explain explode expose extend extract fade fail fake favor
    favour fill filter finetune finish fix flip float focus follow force forward freeze function
    gain generalise generalize generate guarantee guess guide hallucinate halve hand handle
    happen harm help highlight hinder identify ignore imagine imply improve include increase
    infer influence inherit inspect install integrate interact interpolate interpret introduce
    invent invert involve jitter join judge jump label last launch learn license like limit
    listen live load look love magnify maintain manage manipulate mask match matter measure
    memorise memorize mention merge miss mix modify monitor move multiply name need normalise
    normalize notice object obtain offer open operate outline outperform output overlap
    overshoot overwrite own pad paint pass paste perform permit phone pick place plan play plot
    point pool possess predict prefer preserve pretrain prevent print process produce profit
    project prompt propagate protect prove provide publish push quantise quantize quote raise
    rank reach react realise realize receive recognise recognize recommend reconstruct recover
    reduce refer refine reflect refuse register reject relate release rely remain remember
    remove rename render repeat replace report represent reproduce request require rescue
    resemble reset resize resolve respect respond rest restore result retain retrain retrieve
    return reuse reveal reverse rotate round sample save scale scan score scratch screen search
    seem segment separate serve settle share sharpen shift ship shorten skip slow smooth
    smoothen sound specify speed spot squash stack standardise start state stay stitch stop
    store stress stretch study subtract succeed suffer suggest suit summarise summarize
    supervise support suppose suppress surface survive swallow talk target test tidy tie
    tokenise touch trace track trade train transcribe transfer transform translate transmit
    treat trust try tune turn unblur uncover update upload upsample upscale use utilise vanish
    vary visualise visualize vote wait walk want warn waste watch water weigh weight wipe wonder
    work worry yield zoom"""
#: Verbs that are as often nouns; they count as verbs only before a word that can follow a verb.
EITHER = word_set(
    """clear act answer approach average blur cause change charge check claim condition copy count
    cover crop cut dark drop end experience fake feed filter fit focus force function gain guess
    guide harm hit increase influence join label lead limit load look love mask match measure
    move name need object offer open output overlap own paint pass paste phone place plan plot
    point pool print process produce project prompt push quote rank reach read release report
    request rest result return reverse round run sample scale scan score scratch screen search
    segment set shake share shift shot sound speed spread stack state stick stop store stress
    study support surface switch target test touch trace track trade train transfer transform
    try turn update upload use vote walk waste watch water weight wipe work yield zoom clip
    colour color"""
)
_PARTS = [verb.split() for verb in _IRREGULAR.split(";")]
_PAST = {base: past for base, past, _ in _PARTS}
_REGULARS = word_set(_REGULAR) - _PAST.keys()
VERBS = _REGULARS | _PAST.keys()
"""Base forms."""
_DOUBLED = re.compile(
    r"[^aeiou]*[aeiou][bdgmnprt]|(?:pre|re)fer|(?:per|ad)mit|overlap|(?:de|un)blur"
)


def third_person(verb: str) -> str:
    """Return the third person singular: `needs` for `need`, `carries` for `carry`."""
    if verb in ("be", "have"):
        return {"be": "is", "have": "has"}[verb]
    if re.search(r"(?:s|x|z|ch|sh|o)$", verb):
        return f"{verb}es"
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ies"
    return f"{verb}s"


def past(verb: str) -> str:
    """Return the past tense: `made` for `make`, `carried` for `carry`."""
    if verb in _PAST:
        return _PAST[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if re.search(r"[^aeiou]y$", verb):
        return f"{verb[:-1]}ied"
    return f"{verb}{verb[-1] * bool(_DOUBLED.fullmatch(verb))}ed"


_FINITE = (
    AUXILIARIES
    | set(_PAST.values())
    | {past(verb) for verb in _REGULARS}
    | {third_person(verb) for verb in VERBS - EITHER}
)
_THIRD_PERSONS = {third_person(verb) for verb in EITHER}
_NO_PARTICIPLES = word_set(
    "need feed seed speed indeed exceed embed hundred bleed red bed led breed"
)
PARTICIPLES = frozenset(parts[2] for parts in _PARTS) - {"read", "fit", "cost", "come", "run"}
"""Irregular ones."""


def is_finite(word: str) -> bool:
    """Check whether a word is a verb with a tense, such as `made`, `keeps` or `is`."""
    return word in _FINITE


def is_third_person(word: str) -> bool:
    """Check whether a word may be a third person such as `looks`, which is as often a noun."""
    return word in _THIRD_PERSONS


def is_participle(word: str) -> bool:
    """Check whether a word may be a past participle, such as `trained` or `shown`."""
    return word in PARTICIPLES or (word.endswith("ed") and word not in _NO_PARTICIPLES)
