"""In which language a text is written, by its script and its commonest small words.

Enough to tell some thirty languages apart in a question; no model, nothing to download.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

UNKNOWN = "und"

_SMALL_WORDS = {
    "en": """the a an and of to in is it that this how does do did what why which when where are
        was were i my me you your with without by for from on can could would should has have had
        be not so but or if its than as at any there about be been was into after""",
    "de": """der die das und ist nicht ein eine einen einem einer mein meine meinen meinem wie
        warum wieso was welche welcher welches ich du sie es mit ohne für von auf im den dem des zu
        zum hat haben wird werden kann auch aber oder wenn dass bild beim wurde sind bleibt nach so
        bei nur noch da warum""",
    "fr": """le la les des une un est et en que qui pourquoi comment quel quelle quels mon ma mes
        ce cette ces il elle je vous nous avec sans pour par sur dans du au aux ne pas plus ou mais
        peut fait était sont reste""",
    "es": """el la los las una un es y en que por qué cómo cuál mi mis este esta esto con sin para
        del al se lo no pero o más puede fue ha son está tiene""",
    "it": """il lo la gli le una un è e in che perché come quale mio mia questo questa con senza
        per di del della dei si non ma o più può stato sono ho fa a i""",
    "pt": """o a os as uma um é e em que por quê como qual meu minha este esta isso com sem para do
        da dos das se não mas ou mais pode foi são está você""",
    "nl": """de het een en is niet hoe waarom wat welke ik mijn je jij met zonder voor van op in
        aan te dat dit deze die zijn was wordt kan ook maar of beeld foto blijft""",
    "sv": """den det en ett och är inte hur varför vad vilken jag min mitt med utan för av på i att
        som till kan har var men eller bild bilden blir""",
    "da": """den det en et og er ikke hvordan hvorfor hvad hvilken jeg min mit med uden for af på i
        at som til kan har var men eller billede billedet bliver""",
    "no": """den det en et og er ikke hvordan hvorfor hva hvilken jeg min mitt med uten for av på i
        å som til kan har var men eller bilde bildet blir""",
    "fi": """ja on ei miten miksi mikä että tämä se kuva kuvan minun ilman kanssa voi ovat mutta
        tai niin kuin hän olen""",
    "pl": """i w na nie jest że jak dlaczego co który która mój moje z bez dla od do się to ten ta
        ale lub czy obraz zdjęcie może był są""",
    "cs": """a v na ne je že jak proč co který která můj moje s bez pro od do se to ten ta ale nebo
        obraz obrázek může byl jsou""",
    "hu": """a az és nem hogy hogyan miért mi melyik egy ez kép képet nélkül van volt vagy de lehet
        meg is""",
    "ro": """și în nu este că cum de ce care un o mea meu cu fără pentru din la se dar sau
        imaginea poate sunt pe""",
    "tr": """ve bir bu ne neden nasıl hangi için ile olmadan değil mi mı da de çok ama veya resim
        görüntü var olan gibi""",
    "id": """dan yang di ini itu tidak bagaimana mengapa apa dengan tanpa untuk dari ke pada saya
        gambar bisa adalah atau tetapi""",
    "vi": """và là của không như thế nào tại sao gì này với cho từ trong tôi ảnh hình có được nhưng
        hoặc một các""",
    "ru": """и в не что как почему на я это с без для от к по мой моё но или изображение может был
        она он так же какая какой""",
    "uk": """і в не що як чому на я це з без для від до мій моє але або зображення може був вона
        він та який яка""",
    "bg": """и в не че как защо на аз това с без за от към по моето но или изображение може беше тя
        той се да е""",
}
_MEMBERS: dict[str, list[str]] = {}
for _language, _words in _SMALL_WORDS.items():
    for _word in _words.split():
        _MEMBERS.setdefault(_word, []).append(_language)

#: Scripts that stand for one language here, and letters that tell languages of one script apart.
_SCRIPTS = {
    "HANGUL": "ko", "HEBREW": "he", "GREEK": "el", "THAI": "th", "DEVANAGARI": "hi",
    "BENGALI": "bn", "TAMIL": "ta", "GEORGIAN": "ka", "ARMENIAN": "hy", "CJK": "zh",
    "HIRAGANA": "ja", "KATAKANA": "ja", "ARABIC": "ar", "CYRILLIC": "ru",
}  # fmt: skip
_PERSIAN = frozenset("پچژگک")
_WORD = re.compile(r"[^\W\d_]+")


def detect(text: str) -> str:
    """The primary language of a text as a BCP-47 subtag such as `en`; `und` where it is unknown.

    Of a text in several languages, the one with most of it. The first 4,000 characters count.
    """
    head = text[:4000]
    scripts = Counter(_SCRIPTS.get(_script(c)) for c in head if c.isalpha() and not c.isascii())
    foreign = Counter({language: n for language, n in scripts.items() if language})
    # A word of Latin script says about as much as two characters of most others.
    if foreign and 2 * foreign.total() > len(_latin_words(head)):
        return _of_script(foreign, head)
    return _by_small_words(_latin_words(head))


def _script(character: str) -> str:
    return unicodedata.name(character, "").partition(" ")[0]


def _latin_words(text: str) -> list[str]:
    return [
        w for w in _WORD.findall(text.casefold()) if w[0] < "\u0250" or "\u1e00" <= w[0] < "\u1f00"
    ]


def _of_script(scripts: Counter[str], text: str) -> str:
    language = "ja" if scripts["ja"] else scripts.most_common(1)[0][0]
    if language == "ar" and not _PERSIAN.isdisjoint(text):
        return "fa"
    if language == "ru":
        if not frozenset("іїєґ").isdisjoint(text.casefold()):
            return "uk"
        found = _by_small_words(_WORD.findall(text.casefold()))
        return found if found == "bg" else "ru"
    return language


def _by_small_words(words: list[str]) -> str:
    votes: Counter[str] = Counter()
    for word in words:
        votes.update(_MEMBERS.get(word, ()))
    if not votes:
        return UNKNOWN
    order = list(_SMALL_WORDS)
    return max(votes, key=lambda language: (votes[language], -order.index(language)))
