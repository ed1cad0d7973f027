"""The keys of a language's file.

Words are written as people write them, with their accents. Words of all languages count in every
question, because people mix languages: what means something else in English is better left out.
English words that ask for a tool stand in the tool's own package, as `Operation.asked_with`.
"""

from __future__ import annotations

from agent.question.languages.values import (
    Glossary,
    Numbers,
    Patterns,
    Rank,
    Section,
    Table,
    Text,
    Triggers,
    Votes,
    Words,
)


class Detection(Section):
    """By what a text in the language is recognised."""

    words: Votes = Votes()
    """The commonest small words, in lower case and with their accents."""
    scripts: Words = Words()
    """First words of the Unicode names of its letters, where they are not Latin: `GREEK`."""
    letters: Words = Words()
    """Letters that tell it from others of its script."""
    decisive: Words = Words()
    """The same of letters of which one settles it, however much there is of another script."""


class Politeness(Section):
    """What a question may begin and end with; patterns that keep their accents."""

    greetings: Patterns = Patterns()
    thanks: Patterns = Patterns()
    fillers: Patterns = Patterns()
    """What may stand anywhere, and says nothing."""


class Asking(Section):
    """What kind of answer is wanted; phrases."""

    compare: Patterns = Patterns()
    """`<better>` and `<system>` stand for the keys of these names."""
    better: Patterns = Patterns()
    """Comparatives."""
    system: Patterns = Patterns()
    """What a person may choose among, or call the program and the systems: `model`, `app`."""
    verify: Patterns = Patterns()
    confirm: Patterns = Patterns()
    """Last words of a statement that ask whether it is true."""
    hearsay: Patterns = Patterns()
    """How a statement begins that is put for confirmation: `I heard that`."""
    stated: Patterns = Patterns()
    """How a statement about a system begins: `it uses`; `<system>` as above."""
    how_to: Patterns = Patterns()
    """`<system>` as above."""
    explain: Patterns = Patterns()
    define: Patterns = Patterns()
    """What asks what something is; `<system>` as above."""
    term: Patterns = Patterns()
    """What asks so too, where the thing named is no property of a system."""
    fact: Patterns = Patterns()
    open: Patterns = Patterns()
    """Words of which no question for a yes or a no holds one: `which`."""
    yes_no: Patterns = Patterns()
    """How a sentence begins that wants a yes or a no."""
    request: Patterns = Patterns()
    """How a sentence begins that asks for something to be done: `could you`."""
    undone: Words = Words()
    """What says, right before an operation, that it was not done: `without`."""
    chat: Patterns = Patterns()
    """Whole sentences that ask nothing: `thanks`, `shorter`."""
    layman: Patterns = Patterns()
    """What asks for plain words."""


class Doing(Section):
    """By what a person says that an operation was carried out."""

    past: Words = Words()
    """Pasts of verbs that do not end as `endings` have it."""
    endings: Words = Words()
    """How the past of a verb ends."""
    supposing: Words = Words()
    """What says of the next words that they are wished, possible or to come: `will`, `if`."""
    to: Words = Words()
    """What stands between one of `using` and what it was used for."""
    using: Words = Words()
    """What says that something was made use of: `used`, `ran`."""
    following: Words = Words()
    """What stands before a thing that has happened: `after`."""
    whenever: Words = Words()
    """What stands before a thing that happens again and again: `when`."""
    general: Words = Words()
    """What is done by no one in particular: the `are` of `how are pictures enlarged`."""
    functions: Words = Words()
    """Small words after which a past describes what follows: `of upscaled pictures`."""
    joints: Words = Words()
    """What joins two clauses: `and`, `but`."""


class Everyday(Section):
    """By what words of the field that are everyday words too are told from these."""

    words: Triggers = Triggers()
    """Such words: the `fast` of `how fast is it` and of `a fast food sign`."""
    compounds: Words = Words()
    """What makes one of them a word of the field by following it: the `time` of `training time`."""
    companions: Words = Words()
    """What else may follow one that is said of a system: `takes`."""
    joints: Words = Words()
    """What a clause begins with that tells of circumstances: `because`."""
    it: Words = Words()
    """What stands for a system that was named before."""
    parts: Words = Words()
    """What belongs to systems, besides what `asking.system` holds: `code`, `laptop`."""


class Parting(Section):
    """How people put several questions into one text."""

    joints: Patterns = Patterns()
    """What stands between two questions: `and also`."""
    begins: Patterns = Patterns()
    """Phrases with which a question begins that could stand alone."""
    resumes: Patterns = Patterns()
    """Phrases with which one begins that belongs to the question before it: `I mean`."""
    verbs: Words = Words()
    """Verbs that stand before what a question is about: the `does` of `does the loss`."""
    subject: Patterns = Patterns()
    """What stands after such a verb, and a pronoun may stand for later."""
    things: Patterns = Patterns()
    """Several things: `the weights`."""
    single: Words = Words()
    """Pronouns for one thing."""
    plural: Words = Words()
    owning: Words = Words()
    """Pronouns for what belongs to one thing: `its`."""
    own: Words = Words()
    """The same for several."""


class Complaining(Section):
    """How people say that something went badly."""

    bad: Words = Words()
    negations: Words = Words()
    """What takes the next few words back: `not`, `without`, `reduces`."""
    nots: Words = Words()
    """Those of them that turn a good word into a complaint: `not sharp`."""
    still: Words = Words()
    why: Patterns = Patterns()
    """Phrases by which a question speaks of what was seen."""
    asks: Patterns = Patterns()
    """Phrases with which a question begins that speaks of nothing seen."""
    tasks: Words = Words()
    """Beginnings of words that name an effect, but mean that it is removed: `deblur`."""
    faults: Words = Words()
    """Beginnings of words that name an effect and say that it is bad: `unread`."""
    odd: Words = Words()
    """What says, of no effect in particular, that a result is not as it should be."""
    seeming: Words = Words()
    """What stands shortly before such a word where it tells what is seen: `looks`."""
    of: Words = Words()
    """What, between the two, makes it tell of what the picture shows: `is of a broken window`."""
    flaws: Patterns = Patterns()
    """Phrases that say so: `lines through it`."""
    failures: Patterns = Patterns()
    """Phrases that say that nothing came of it: `I see no difference`, `it crashed`."""
    harm: Patterns = Patterns()
    """Phrases that say that something was spoilt; `<system>` stands for that of `asking`."""
    results: Patterns = Patterns()
    """Phrases that speak of a result: `it made my photo`; `<system>` as above."""
    wonders: Patterns = Patterns()
    """Questions that ask nothing but what is wrong or what to do: `is that normal`."""
    checks: Patterns = Patterns()
    """Beginnings of questions for a yes or a no about a result: `did`, `is`."""
    exists: Patterns = Patterns()
    """Those of them that ask whether something is there: `are there`."""
    changes: Words = Words()
    """What says, in such a question, that something came out otherwise: `change`, `invent`."""
    gone: Words = Words()
    """What says that a fault is there no more."""


class Naming(Section):
    """How people name the picture, or the paper, that they speak of."""

    pictures: Words = Words()
    picture_endings: Words = Words()
    """Ends of compounds that are pictures: `Urlaubsfoto`."""
    own: Words = Words()
    """What stands before something of one's own, or something not named before: `my`, `a`."""
    any: Words = Words()
    """Those of them that stand before no particular thing: `a`."""
    given: Words = Words()
    """What stands before something already spoken of: `the`."""
    heads: Words = Words()
    """Words of which a picture before them is but a part: the `model` of `picture model`."""
    after: Words = Words()
    """Adjectives that follow a picture: the `web` of `une image web`."""
    of: Words = Words()
    particles: Words = Words()
    stops: Words = Words()
    """Words at which the name of a picture ends."""
    attributes: Words = Words()
    """What a picture has: the `size` of `the size of my photo`."""
    describing: Words = Words()
    """Ends of words that describe the next one: the `-ing` of `moving car`."""
    papers: Patterns = Patterns()
    """Beginnings of words for a paper, before its title; patterns that keep their accents."""


class Seeing(Section):
    """How people ask for what only a look at the picture can answer; phrases.

    Every word for a picture reads `image` here.
    """

    looks: Patterns = Patterns()
    """`<here>`, `<mine>` and `<judged>` stand for the keys of these names."""
    here: Patterns = Patterns()
    """A picture at hand; `<mine>` stands for the key `mine`."""
    mine: Patterns = Patterns()
    """A picture that can be no other."""
    judged: Patterns = Patterns()
    """What a picture may be found to be."""
    orders: Patterns = Patterns()
    """How a sentence begins that wants the picture worked on."""
    explained: Patterns = Patterns()
    """What asks for a reason, which can be told without a look."""


class Enlarging(Section):
    """How people say by how much a picture was enlarged; patterns unless they are words."""

    enlarging: Patterns = Patterns()
    pictures: Patterns = Patterns()
    numbers: Numbers = Numbers()
    multiples: Numbers = Numbers()
    """Beginnings of words that hold a factor: `doubl`."""
    endings: Words = Words()
    """How these words end."""
    times: Patterns = Patterns()
    fold: Patterns = Patterns()
    """The `fold` of `threefold`."""
    factor: Patterns = Patterns()
    """The `scale` of `a scale of 3`."""
    factor_of: Words = Words()
    by: Patterns = Patterns()
    by_units: Patterns = Patterns()
    """What `by 3` counts where it is no factor: `hours`."""
    to: Patterns = Patterns()
    """The `to` of `640 to 1920`."""
    sides: Words = Words()
    """The `by` of `640 by 480`."""
    sizes: Patterns = Patterns()
    """What a multiple is of, if it is of a size."""
    equally: Words = Words()
    """The `as` of `twice as large`."""
    larger: Words = Words()
    percent: Patterns = Patterns()
    percent_by: Words = Words()
    """The `by` of `by 20 %`."""
    percent_of: Patterns = Patterns()
    """What a share is of, if it is no size."""
    other: Patterns = Patterns()
    """What a multiple is of, if it is of something else: `fast`."""
    compounds: Patterns = Patterns()
    """The `check` of `double check`."""
    gains: Patterns = Patterns()
    """What stands before a factor of something else: `speed-up of`."""
    tries: Patterns = Patterns()
    """What stands before a number of tries: `tried`."""
    tries_to: Patterns = Patterns()
    """What stands after a number of tries: the `to` of `three times to`."""


class Telling(Section):
    """How a sentence in the language gives figures, and how it tells of something that was done."""

    decimal: Text = Text(".")
    """What stands before the decimals of a number; the other of `.` and `,` may group thousands."""
    numbers: Numbers = Numbers()
    """Numbers from two on, without ordinals; a `*` at the end stands for any ending."""
    parts: Numbers = Numbers()
    """What is no figure on its own, but part of a longer number: the `one` of `one hundred`, and
    with the value 0 what joins the parts."""
    shares: Numbers = Numbers()
    """Parts of a whole: `half`."""
    multiples: Numbers = Numbers()
    """Factors: `twice`."""
    folds: Words = Words()
    """What makes a factor of the number before it: `times`, the `fold*` of `threefold`."""
    counters: Words = Words()
    """What stands after a number that counts, where a language has no spaces or such words."""
    idioms: Triggers = Triggers()
    """Words and phrases that hold a number and mean something else, as written."""
    joints: Words = Words()
    """What stands before the last of several things: `and`."""
    hedges: Words = Words()
    """What makes a figure a rough one: `about`."""
    starts: Words = Words()
    """The `from` of `from 2 to 1 px`."""
    ends: Words = Words()
    """The `to` of it."""
    before: Words = Words()
    after: Words = Words()
    units: Table = Table()
    """Names of units, by key of `agent.question.units`."""
    person: Patterns = Patterns()
    """By what a writer speaks of themselves; this and what follows keeps its accents."""
    yours: Patterns = Patterns()
    """The picture of the person who asks."""
    deeds: Patterns = Patterns()
    """What says that something was run, measured or seen."""
    open: Words = Words()
    """What says, shortly before such a word, that it was not done, or only may be: `not`, `if`."""


class Vocabulary(Section):
    """The words of one language, or of all of them."""

    tags: Table = Table()
    """What a question is about, by tag of `agent.question.lexicon`."""
    operations: Table = Table()
    """What a question asks for, by key of `agent.systems.catalogue.OPERATIONS`."""
    idioms: Triggers = Triggers()
    """Phrases whose words mean something else: what lies inside them triggers nothing."""
    spelling: Words = Words()
    """Words of the field, and of short messages, that no list of prose holds; English only, since
    no other language is put right."""
    abbreviations: Words = Words()
    """Words whose full stop ends no sentence, without it."""
    politeness: Politeness = Politeness()
    everyday: Everyday = Everyday()
    asking: Asking = Asking()
    parting: Parting = Parting()
    doing: Doing = Doing()
    complaining: Complaining = Complaining()
    naming: Naming = Naming()
    seeing: Seeing = Seeing()
    enlarging: Enlarging = Enlarging()


class Language(Vocabulary):
    """A file of the folder."""

    code: Text = Text()
    """BCP-47 subtag; the name of the file."""
    english: Text = Text()
    """What it is called in English."""
    name: Text = Text()
    """What it calls itself."""
    example: Text = Text()
    """A question in it, which has to be recognised as such."""
    rank: Rank = Rank(100)
    """Of two languages that are equally likely, the one with the lower rank is taken."""
    detection: Detection = Detection()
    telling: Telling = Telling()
    note: Text = Text()
    """What stands above an answer in English to a question in it, in its own words."""
    lexicon: Glossary = Glossary()
    """Its words, stems and phrases by what they are in English: `how fast: wie schnell`."""
    fillers: Triggers = Triggers()
    """Words without a counterpart in English, besides those by which it is recognised."""
