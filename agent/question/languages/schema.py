"""The keys of a language file.

Words are spelt as people write them, with accents. Words of all languages count in every question,
because people mix languages, so leave out words that mean something else in English. English words
that ask for a tool are in the tool's package, as `Operation.asked_with`.
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
    """Features by which a text in the language is recognised."""

    words: Votes = Votes()
    """The most common small words, in lower case and with accents."""
    scripts: Words = Words()
    """First words of the Unicode names of its letters, unless Latin: `GREEK`."""
    letters: Words = Words()
    """Letters that distinguish it from other languages in its script."""
    decisive: Words = Words()
    """Letters a single one of which decides, however much there is of another script."""


class Politeness(Section):
    """Words that a question may begin and end with; patterns that keep their accents."""

    greetings: Patterns = Patterns()
    thanks: Patterns = Patterns()
    fillers: Patterns = Patterns()
    """Words that may appear anywhere and say nothing."""


class Asking(Section):
    """Phrases that tell what kind of answer is wanted."""

    compare: Patterns = Patterns()
    """`<better>` and `<system>` stand for the keys of these names."""
    better: Patterns = Patterns()
    """Comparatives."""
    system: Patterns = Patterns()
    """Words for the program and for systems to choose among: `model`, `app`."""
    verify: Patterns = Patterns()
    confirm: Patterns = Patterns()
    """Question tags at the end of a statement."""
    hearsay: Patterns = Patterns()
    """Beginnings of a statement to be confirmed: `I heard that`."""
    stated: Patterns = Patterns()
    """Beginnings of a statement about a system: `it uses`; `<system>` as above."""
    how_to: Patterns = Patterns()
    """`<system>` as above."""
    explain: Patterns = Patterns()
    define: Patterns = Patterns()
    """Phrases that ask what something is; `<system>` as above."""
    term: Patterns = Patterns()
    """Phrases that do so if the thing named is no property of a system."""
    fact: Patterns = Patterns()
    open: Patterns = Patterns()
    """Words that never occur in yes/no questions: `which`."""
    yes_no: Patterns = Patterns()
    """Beginnings of yes/no questions."""
    request: Patterns = Patterns()
    """Beginnings of requests to do something: `could you`."""
    undone: Words = Words()
    """Words right before an operation that say it was not done: `without`."""
    chat: Patterns = Patterns()
    """Whole sentences that ask nothing: `thanks`, `shorter`."""
    layman: Patterns = Patterns()
    """Phrases that ask for plain words."""


class Doing(Section):
    """Words that say that an operation was carried out."""

    past: Words = Words()
    """Irregular past forms, which lack the `endings`."""
    endings: Words = Words()
    """Endings of regular past forms."""
    supposing: Words = Words()
    """Words that mark what follows as wished, possible or in the future: `will`, `if`."""
    to: Words = Words()
    """Words between one of `using` and its purpose."""
    using: Words = Words()
    """Words for having used something: `used`, `ran`."""
    following: Words = Words()
    """Words before something that has happened: `after`."""
    whenever: Words = Words()
    """Words before something that happens repeatedly: `when`."""
    general: Words = Words()
    """Auxiliaries of the general passive: the `are` in `how are pictures enlarged`."""
    functions: Words = Words()
    """Small words after which a past form is an attribute: `of upscaled pictures`."""
    joints: Words = Words()
    """Words that join two clauses: `and`, `but`."""


class Everyday(Section):
    """Words of the field that are also everyday words, and how to tell which is meant."""

    words: Triggers = Triggers()
    """Such words: the `fast` in `how fast is it` and in `a fast food sign`."""
    compounds: Words = Words()
    """Words after one of them that make it a term of the field: the `time` in `training time`."""
    companions: Words = Words()
    """Other words that may follow one that is said of a system: `takes`."""
    joints: Words = Words()
    """Words that begin a clause about circumstances: `because`."""
    it: Words = Words()
    """Pronouns for a system that was named before."""
    parts: Words = Words()
    """Things that belong to systems, besides those in `asking.system`: `code`, `laptop`."""


class Parting(Section):
    """How a text joins several questions."""

    joints: Patterns = Patterns()
    """Phrases between two questions: `and also`."""
    begins: Patterns = Patterns()
    """Beginnings of questions that could stand alone."""
    resumes: Patterns = Patterns()
    """Beginnings of questions that continue the one before: `I mean`."""
    verbs: Words = Words()
    """Verbs before the subject of a question: the `does` in `does the loss`."""
    subject: Patterns = Patterns()
    """The subject after such a verb, which a pronoun may refer to later."""
    things: Patterns = Patterns()
    """Plural subjects: `the weights`."""
    single: Words = Words()
    """Pronouns for one thing."""
    plural: Words = Words()
    owning: Words = Words()
    """Possessives of one thing: `its`."""
    own: Words = Words()
    """Possessives of several."""


class Complaining(Section):
    """Ways to say that something went badly."""

    bad: Words = Words()
    negations: Words = Words()
    """Words that negate the next few words: `not`, `without`, `reduces`."""
    nots: Words = Words()
    """Those that turn a good word into a complaint: `not sharp`."""
    still: Words = Words()
    why: Patterns = Patterns()
    """Phrases of questions about something seen."""
    asks: Patterns = Patterns()
    """Beginnings of questions about nothing seen."""
    tasks: Words = Words()
    """Beginnings of words that name an effect but mean its removal: `deblur`."""
    faults: Words = Words()
    """Beginnings of words that name an effect and call it bad: `unread`."""
    odd: Words = Words()
    """Words that call a result wrong without naming an effect."""
    seeming: Words = Words()
    """Words shortly before such a word that make it an observation: `looks`."""
    of: Words = Words()
    """Words between the two that make it content: the `of` in `is of a broken window`."""
    flaws: Patterns = Patterns()
    """Phrases that call a result wrong: `lines through it`."""
    failures: Patterns = Patterns()
    """Phrases for lack of success: `I see no difference`, `it crashed`."""
    harm: Patterns = Patterns()
    """Phrases for damage done; `<system>` stands for that of `asking`."""
    results: Patterns = Patterns()
    """Phrases about a result: `it made my photo`; `<system>` as above."""
    wonders: Patterns = Patterns()
    """Questions that only ask what is wrong or what to do: `is that normal`."""
    checks: Patterns = Patterns()
    """Beginnings of yes/no questions about a result: `did`, `is`."""
    exists: Patterns = Patterns()
    """Those that ask whether something is there: `are there`."""
    changes: Words = Words()
    """Words in such a question for an unwanted change: `change`, `invent`."""
    gone: Words = Words()
    """Words that say that a fault is gone."""


class Naming(Section):
    """Ways to name a picture or a paper."""

    pictures: Words = Words()
    picture_endings: Words = Words()
    """Ends of compounds for pictures: `Urlaubsfoto`."""
    own: Words = Words()
    """Determiners of something of one's own, or not named before: `my`, `a`."""
    any: Words = Words()
    """Those of something unspecific: `a`."""
    determiners: Words = Words()
    """Other determiners, such as those of something already mentioned: `the`."""
    heads: Words = Words()
    """Head nouns that a word for a picture only modifies: the `model` in `picture model`."""
    after: Words = Words()
    """Adjectives after a word for a picture: the `web` in `une image web`."""
    of: Words = Words()
    particles: Words = Words()
    stops: Words = Words()
    """Words that end the name of a picture."""
    attributes: Words = Words()
    """Attributes of pictures: the `size` in `the size of my photo`."""
    describing: Words = Words()
    """Endings of words that modify the next one: the `-ing` in `moving car`."""
    papers: Patterns = Patterns()
    """Beginnings of words for a paper before its title; patterns that keep their accents."""


class Seeing(Section):
    """Phrases that ask for what only a look at the picture can answer.

    Every word for a picture is replaced by `image` before they are matched.
    """

    looks: Patterns = Patterns()
    """`<here>`, `<mine>` and `<judged>` stand for the keys of these names."""
    here: Patterns = Patterns()
    """Phrases for the attached picture; `<mine>` stands for the key `mine`."""
    mine: Patterns = Patterns()
    """Phrases for the person's own picture."""
    judged: Patterns = Patterns()
    """Qualities of a picture that can be judged."""
    orders: Patterns = Patterns()
    """Beginnings of requests to process the picture."""
    explained: Patterns = Patterns()
    """Phrases that ask for a reason, which needs no look."""


class Enlarging(Section):
    """Ways to say by how much a picture was enlarged; patterns unless they are words."""

    enlarging: Patterns = Patterns()
    pictures: Patterns = Patterns()
    numbers: Numbers = Numbers()
    multiples: Numbers = Numbers()
    """Beginnings of words that imply a factor: `doubl`."""
    endings: Words = Words()
    """Endings of these words."""
    times: Patterns = Patterns()
    fold: Patterns = Patterns()
    """The `fold` of `threefold`."""
    factor: Patterns = Patterns()
    """The `scale` of `a scale of 3`."""
    factor_of: Words = Words()
    by: Patterns = Patterns()
    by_units: Patterns = Patterns()
    """Units after `by 3` that make it no factor: `hours`."""
    to: Patterns = Patterns()
    """The `to` of `640 to 1920`."""
    sides: Words = Words()
    """The `by` of `640 by 480`."""
    sizes: Patterns = Patterns()
    """Words after a multiple that make it one of a size."""
    equally: Words = Words()
    """The `as` of `twice as large`."""
    larger: Words = Words()
    percent: Patterns = Patterns()
    percent_by: Words = Words()
    """The `by` of `by 20 %`."""
    percent_of: Patterns = Patterns()
    """Words after a percentage that make it one of something other than a size."""
    other: Patterns = Patterns()
    """Words after a multiple that make it one of something else: `fast`."""
    compounds: Patterns = Patterns()
    """The `check` of `double check`."""
    gains: Patterns = Patterns()
    """Words before a factor of something else: `speed-up of`."""
    tries: Patterns = Patterns()
    """Words before a number of attempts: `tried`."""
    tries_to: Patterns = Patterns()
    """Words after a number of attempts: the `to` of `three times to`."""


class Telling(Section):
    """How sentences in the language give figures and report what was done."""

    decimal: Text = Text(".")
    """Decimal separator; the other of `.` and `,` may group thousands."""
    numbers: Numbers = Numbers()
    """Numbers from two upwards, without ordinals; a `*` at the end stands for any ending."""
    parts: Numbers = Numbers()
    """Words that are only part of a longer number: the `one` in `one hundred`, and with the value 0
    words that join the parts."""
    shares: Numbers = Numbers()
    """Fractions: `half`."""
    multiples: Numbers = Numbers()
    """Factors: `twice`."""
    folds: Words = Words()
    """Words that turn the number before into a factor: `times`, the `fold*` of `threefold`."""
    counters: Words = Words()
    """Words after a number that show that it counts, in languages without spaces."""
    idioms: Triggers = Triggers()
    """Words and phrases that contain a number but mean something else, as written."""
    joints: Words = Words()
    """Words before the last of several things: `and`."""
    hedges: Words = Words()
    """Words that make a figure approximate: `about`."""
    starts: Words = Words()
    """The `from` of `from 2 to 1 px`."""
    ends: Words = Words()
    """The `to` of it."""
    before: Words = Words()
    after: Words = Words()
    units: Table = Table()
    """Names of units, by key of `agent.question.units`."""
    person: Patterns = Patterns()
    """Words by which writers refer to themselves; these and those below keep their accents."""
    yours: Patterns = Patterns()
    """The picture of the person who asks."""
    deeds: Patterns = Patterns()
    """Words for having run, measured or seen something."""
    open: Words = Words()
    """Words shortly before such a word that make it negative or hypothetical: `not`, `if`."""


class Vocabulary(Section):
    """The words of one language, or of all of them."""

    tags: Table = Table()
    """Words by tag of `agent.question.lexicon`."""
    operations: Table = Table()
    """Words by key of `agent.systems.catalogue.OPERATIONS`."""
    idioms: Triggers = Triggers()
    """Phrases whose words mean something else; nothing inside them is a trigger."""
    spelling: Words = Words()
    """Words of the field and of short messages that are in no list of common words; English only,
    since the spelling of other languages is not corrected."""
    abbreviations: Words = Words()
    """Abbreviations, without the full stop, which ends no sentence."""
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
    """The content of a language file."""

    code: Text = Text()
    """BCP-47 subtag; the name of the file."""
    english: Text = Text()
    """Its name in English."""
    name: Text = Text()
    """Its name in the language itself."""
    example: Text = Text()
    """A question in it, whose language must be detected."""
    rank: Rank = Rank(100)
    """Of two equally likely languages, the one with the lower rank is chosen."""
    detection: Detection = Detection()
    telling: Telling = Telling()
    note: Text = Text()
    """Note above an English answer to a question in it, in the language itself."""
    lexicon: Glossary = Glossary()
    """Its words, stems and phrases by their English translation: `how fast: wie schnell`."""
    fillers: Triggers = Triggers()
    """Words without an English counterpart, besides those by which it is recognised."""
