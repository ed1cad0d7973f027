"""Names in a text as written: models, paper titles, links, DOIs and arXiv ids.

Model names are recognised by their shape (`SwinIR`, `Real-ESRGAN`, `waifu2x`), so that those
missing from the registry are noticed too; the best known ones match in any case. Ordinary acronyms,
formats, units, hardware and brands are not models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from agent.question.languages import Languages, languages
from agent.question.patterns import compiled, either
from agent.question.words import word_set
from agent.types import Card

_KNOWN = r"""mimo[- ]?unet(?:[- ]?plus|\+{1,2})?|deblur[- ]mimo[- ]unet[- ]plus|
    featsharp|feat[- ]sharp|featup|llavar|llava|
    real[- ]?esrgan\+?|esrgan\+?|srgan|bsrgan|swinir|swin2sr|nafnet|restormer|uformer|mprnet|hinet|
    deblurgan(?:[- ]?v2)?|deepdeblur|stripformer|fftformer|edsr|rcan|hat-l|supir|stablesr|diffbir|
    codeformer|
    gfpgan|waifu2x|real[- ]?cugan|upscayl|anime4k|lapsrn|srcnn|fsrcnn|vdsr|ccsr|resshift|
    stable diffusion|midjourney|topaz gigapixel(?: ai)?|gigapixel(?: ai)?|topaz photo ai|dall[- ]?e|
    segment anything|trocr|paddleocr|easyocr|tesseract|rapidocr|minigpt-?4|blip-?2|openflamingo|
    mplug-owl|dinov[23]|siglip2?|jafar|anyup|loftup|dlss|fsr"""
#: The enlargement factor at the start of many names of upscalers: `4x-UltraSharp`.
_FACTOR = r"(?:\d{1,2}[xX][-_])?"
_SHAPED = re.compile(
    rf"(?<![\w.@/#-]){_FACTOR}"
    r"[A-Za-z][A-Za-z0-9]{0,30}(?:-[A-Za-z0-9]{1,20}|\.\d{1,3}){0,6}\+{0,2}(?![\w@])"
)
_KNOWN_NAMES = re.compile(
    rf"(?<![\w@-]){_FACTOR}(?:" + re.sub(r"\n\s*", "", _KNOWN) + r")(?!\w)"
    r"(?:-[A-Za-z0-9]{1,20}|\.\d{1,3}){0,6}\+{0,2}",
    re.IGNORECASE,
)
_FILE = re.compile(
    r"(?<![\w-])[\w-]{1,80}\.(?:png|jpe?g|gif|webp|tiff?|pdf|txt|py|pth|pkl|json|onnx)\b",
    re.IGNORECASE,
)
#: Names that are ordinary words unless written in capitals.
_IN_CAPITALS = word_set("CLIP DINO RADIO HAT MAXIM BLIP DINOv2")
_NO_MODELS = word_set(
    """gpu gpus cpu cpus png jpeg jpg gif webp tiff heic svg pdf ocr ai psnr ssim lpips api
    apis rgb rgba cmyk cnaps u-net iphone ipad imac macbook macos ios github gitlab youtube
    javascript typescript powerpoint whatsapp linkedin openai deepmind pytorch tensorflow numpy
    opencv photoshop lightroom gopro realblur hide imagenet arxiv latex huggingface onedrive
    scienceqa textvqa docvqa ocr-vqa st-vqa bfloat16 onnx x-ray x-rays wi-fi covid-19 mp3 mp4
    utf8 utf-8 sha256 sha-256 md5 base64 mcdonald facebook ebay icloud airdrop wordpress
    instagram tiktok paypal postgresql mysql html5 css3 python3 cuda11 cuda12 win10 win11 ps4
    ps5 a4 a3 a5 g2 jpeg2000 jpeg-2000 hdr10 hdmi usb-c lmao iirc afaik microsoft cvpr iccv eccv
    icml neurips iclr photos screenshots ph.d phd e.g i.e resnet vit unet gan jbu cnn clip-like
    internet ethernet planet cabinet magnet slogan organ began former transformer iot tensorrt
    itunes ecommerce pycharm morgan performer reformer platformer informer diff laion coco div2k
    flickr2k set5 set14 bsd100 urban100 eli5 mime dvd vhs b2b b2c p2p mac fmri nan"""
)
_HARDWARE = re.compile(
    r"(?:[lv]\d|[a-z]\d{1,2}|\d.*|(?:rtx|gtx|tesla|titan|geforce|radeon|rx)[- ]?\d*\w*|"
    r"[avhlt]\d{2,3}|i[3579]"
    r"(?:-\d+\w*)?|m[1-5]|(?:fp|bf|int|uint|float|f)\d+(?:\.\d+)?|h\.?26[45]|iso\d+|(?:python|"
    r"cuda|torch|windows|win|"
    r"ubuntu|android)[\d.]*|[a-z]{1,2}\d{1,2}|x\d+|(?:figure|fig|table|page|section|step|level|"
    r"day|q)\d+|"
    r"(?:img|dsc|dscn|image|photo|screenshot)[-_]?\d+.*|\w+\.(?:png|jpe?g|gif|webp|tiff?|pdf|txt|"
    r"py|pth|pkl|json|"
    r"ya?ml|md|com|org|net|io|zip|onnx|safetensors))", re.IGNORECASE,
)  # fmt: skip
_CAMEL = re.compile(r"[a-z][A-Z]|[A-Z]{2,}[a-z]{2,}")
_ENDING = re.compile(
    r"[A-Z][A-Z0-9]*(?:NET|GAN|SR|VIT|FORMER|DIFF|CLIP|UNET|DEBLUR)|[A-Z][a-z]+former|"
    r"[A-Za-z]*(?:Net|GAN|ViT|Diff)"
)

LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>\"“”|\\^`{}]+|(?<![\w.@/])(?:github\.com|arxiv\.org|"
    r"huggingface\.co|doi\.org|"
    r"openaccess\.thecvf\.com|openreview\.net|paperswithcode\.com)/[^\s<>\"“”|\\^`{}]+",
    re.IGNORECASE,
)
_DOI = re.compile(r"(?<![\w./])10\.\d{4,9}/[^\s<>\"“”|\\^`{}]+", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_TRAILING = ".,;:!?'’*_…"
_QUOTED = re.compile(r"[\"“„«]([^\"“”„«»\n]{10,250})[\"”“»]|[‘']([A-Z][^'‘’\n]{14,250})['’](?!\w)")
_NEW_ARXIV = re.compile(
    r"(?<![\d,$€£])(?<!\d\.)(?P<id>(?:(?:0[7-9]|1[0-4])(?:0[1-9]|1[0-2])\.\d{4}|(?:1[5-9]|"
    r"[2-9]\d)(?:0[1-9]|1[0-2])\.\d{5}))"
    r"(?:v\d{1,3})?(?!\d|\.\d|\s?[%€$])", re.IGNORECASE,
)  # fmt: skip
_OLD_ARXIV = re.compile(
    r"(?<![\w-])(?P<archive>acc-phys|adap-org|alg-geom|ao-sci|astro-ph|atom-ph|bayes-an|chao-dyn|"
    r"chem-ph|cmp-lg|comp-gas|"
    r"cond-mat|cs|dg-ga|funct-an|gr-qc|hep-ex|hep-lat|hep-ph|hep-th|math-ph|math|mtrl-th|nlin|"
    r"nucl-ex|"
    r"nucl-th|patt-sol|physics|plasm-ph|q-alg|q-bio|quant-ph|solv-int|supr-con)(?:\.[a-z]{2})?/"
    r"(?P<number>\d{2}(?:0[1-9]|1[0-2])\d{3})(?:v\d{1,3})?(?!\d)", re.IGNORECASE,
)  # fmt: skip


@cache
def _paper_words(spoken: Languages) -> re.Pattern[str]:
    return compiled(either(spoken.vocabulary.naming.papers), re.IGNORECASE)


def arxiv_ids(text: str) -> tuple[str, ...]:
    """Return the arXiv ids of a text, also in links, without version, such as `2502.16025`."""
    matches = [(m.start(), m["id"]) for m in _NEW_ARXIV.finditer(text)]
    matches += [
        (m.start(), f"{m['archive'].lower()}/{m['number']}") for m in _OLD_ARXIV.finditer(text)
    ]
    return tuple(dict.fromkeys(name for _, name in sorted(matches)))


def papers(text: str) -> tuple[str, ...]:
    """Return links, DOIs and titles in quotation marks, as written, in text order."""
    matches = [(m.start(), trimmed(m[0])) for m in LINK.finditer(text)]
    without = _blank(LINK, text)
    matches += [(m.start(), trimmed(m[0])) for m in _DOI.finditer(without)]
    for quoted in _QUOTED.finditer(without):
        title = (quoted[1] or quoted[2]).strip()
        if _is_title(title, text[max(0, quoted.start() - 40) : quoted.start()]):
            matches.append((quoted.start(), title))
    return tuple(dict.fromkeys(name for _, name in sorted(matches)))


def trimmed(link: str) -> str:
    """Strip the punctuation of the surrounding sentence from a link."""
    for closing, opening in (")(", "]["):
        while (link := link.rstrip(_TRAILING)).endswith(closing) and link.count(
            closing
        ) > link.count(opening):
            link = link[:-1]
    return link.rstrip(_TRAILING)


def _is_title(quoted: str, before: str) -> bool:
    """Check whether quoted words are a title, not words on a sign or somebody's speech."""
    parts = quoted.split()
    if not 3 <= len(parts) <= 40 or not quoted[0].isupper() or quoted.endswith("?"):
        return False
    long = [part for part in parts if len(part) > 3]
    capitals = sum(part[0].isupper() for part in long)
    called_a_paper = _paper_words(languages()).search(before) is not None
    return called_a_paper or capitals * 2 > len(long) > 2


def models(text: str) -> tuple[str, ...]:
    """Return the names of models as written, in text order, without repeats."""
    for pattern in (LINK, _DOI, _FILE):
        text = _blank(pattern, text)
    spans = [m.span() for m in _KNOWN_NAMES.finditer(text)]
    rest = _blank(_KNOWN_NAMES, text)
    shouting = sum(map(str.isupper, text)) > sum(map(str.islower, text))
    spans += [m.span() for m in _SHAPED.finditer(rest) if _is_model(m[0], shouting)]
    names: dict[str, str] = {}
    for start, end in sorted(spans):
        names.setdefault(text[start:end].casefold(), text[start:end])
    return tuple(names.values())


def names_of(card: Card) -> tuple[str, ...]:
    """Return all names of a card: its name, its aliases and the title of its paper."""
    return (card.name, *card.aliases, *([card.title] if card.title else []))


def with_digits(names: Iterable[str]) -> frozenset[str]:
    """Return the names that contain both a letter and a digit."""
    return frozenset(name for name in names if _DIGIT.search(name) and any(map(str.isalpha, name)))


@lru_cache(maxsize=1_024)  # the same facts recur in many answers
def models_with_digits(text: str) -> frozenset[str]:
    """Return the names of models in a text that contain a digit."""
    return with_digits(models(text)) if _DIGIT.search(text) else frozenset()


def without_names(text: str, names: frozenset[str]) -> str:
    """Replace each whole occurrence of a name, in any case, by a space.

    Parts of longer words or numbers stay: `Net 2` does not occur in `Net 2.5`.
    """
    return replaced(text, names, " ")


def replaced(text: str, names: frozenset[str], by: str) -> str:
    """Replace each name, as in `without_names`, by another text."""
    return _any_of(names).sub(lambda _: by, text) if names else text


@lru_cache(maxsize=256)
def _any_of(names: frozenset[str]) -> re.Pattern[str]:
    either = "|".join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))
    separator = r"[.,\u202f]"
    return re.compile(rf"(?<!\w)(?<!\d{separator})(?:{either})(?!\w|{separator}\d)", re.IGNORECASE)


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: " " * len(match[0]), text)


@lru_cache(maxsize=4_096)  # most words are common to many texts
def _is_model(token: str, shouting: bool) -> bool:
    token = re.sub(rf"^{_FACTOR}", "", token)
    lower = token.lower().rstrip("+")
    if token in _IN_CAPITALS:
        return True
    if (
        len(token) < 3
        or {lower, lower.removesuffix("s")} & _NO_MODELS
        or _HARDWARE.fullmatch(lower)
    ):
        return False
    parts = token.rstrip("+").split("-")
    ordinary = {parts[0].lower(), parts[0].lower().removesuffix("s")} & _NO_MODELS
    if shouting or (ordinary and len(parts) == 1):
        return False
    distinctive = [part for part in parts if part.lower() not in _NO_MODELS]
    if any(_CAMEL.search(part) or _ENDING.fullmatch(part) for part in distinctive):
        return True
    has_capital_and_digit = any(map(str.isupper, token)) and any(map(str.isdigit, token))
    return has_capital_and_digit and not ordinary
