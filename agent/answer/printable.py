"""Words of a question, fit to print in an answer: names as on their cards, misspellings corrected.

Text with a word that may be misspelt, with a link or with marks foreign to prose is not printed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from agent.answer.english import VERBS, is_finite
from agent.answer.reported_speech import Words, low
from agent.files.words import ordinary_words
from agent.question.words import fold, word_set, words
from agent.references import references_in
from agent.text import is_unsafe
from agent.types import Card, ParsedQuestion

LONGEST = 200
"""Maximum length in characters of a sentence that is restated."""
SPACE = "\ue000"
"""Replaces spaces inside a name, so that a name is one word."""


class Names:
    """The names in a question, each as one word and spelt as on its card."""

    def __init__(self, parsed: ParsedQuestion, cards: Sequence[Card]) -> None:
        spelt: dict[str, str] = {}
        for card in cards:
            for name in (card.name, *card.aliases, *filter(None, [card.title])):
                spelt.setdefault(_key(name), name)
        for name in parsed.models:
            spelt.setdefault(_key(name), CAPITALS.get(name.lower(), name))
        self._spelt = {key: name for key, name in spelt.items() if key and len(name) <= 120}
        longest_first = sorted(self._spelt.values(), key=lambda name: -len(name))
        self._pattern = (
            re.compile(
                r"(?<![\w/@.-])(?:" + "|".join(map(_loosely, longest_first)) + r")(?![\w/@+])",
                re.IGNORECASE,
            )
            if longest_first
            else None
        )
        self._whole = {name.replace(" ", SPACE).lower() for name in self._spelt.values()}

    def spelt(self, name: str) -> str:
        return self._spelt.get(_key(name), name)

    def join_names(self, text: str) -> str:
        """Return the text with each name joined into one word."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda m: self._mark(m[0]), text)

    def _mark(self, name: str) -> str:
        plain_word = name.islower() and name in _ordinary_words()
        return name if plain_word else self.spelt(name).replace(" ", SPACE)

    def is_name(self, word: str) -> bool:
        return low(word).removesuffix("'s") in self._whole or SPACE in word


def _key(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum() or c == "+")


def _loosely(name: str) -> str:
    return r"[\s-]?".join(map(re.escape, re.findall(r"[^\W_]+|[^\w\s-]", name)))


@cache
def _ordinary_words() -> frozenset[str]:
    return ordinary_words() - _NO_WORDS | _MORE_WORDS


_NO_WORDS = word_set(
    """th im ur pl ll ve re st nd rd lol omg dont thats wanna gonna gotta kinda ya yo ok pls thx"""
)
_MORE_WORDS = word_set(
    """a i dpi px kb mb gb deblur deblurring deblurred deblurrer unblur denoise upscale upscaled
    upscaler upscaling upsample upsampling upsampler upsampled downsample mushy blurry
    smeared legible illegible readable unreadable halo screenshot selfie thumbnail pixelated
    crisp crispness artefact artifact encoder decoder backbone residual saliency salient
    semantics segmentation distil distill dataset multimodal softness sharpness sharpen
    overcooked handwriting finetune voxel pooling convolution convolutional transformer
    interpolation bilinear bicubic jittered tokenizer hallucinate hallucination checkpoint
    benchmark leaderboard clockwise fingerprint watermark repo git div config configs meme
    memes tweet tweets caption captions captioned chatbot chatbots smear smears asymmetric
    augmentation permissive embedding embeddings heatmap heatmaps distractor distractors
    representational dissimilarity cosine contours github grayscale greyscale lossless jpeg
    preprocessing postprocessing pretrained pretraining normalisation normalization
    concatenate concatenation quantise quantised quantize visualise visualised squashed
    coherent plausible denser sharper blurrier crisper tidier"""
)
_SUFFIXES = (
    "s",
    "es",
    "ed",
    "d",
    "er",
    "r",
    "ers",
    "ing",
    "ly",
    "y",
    "able",
    "ness",
    "less",
    "est",
)
_PREFIXES = ("un", "re", "de", "pre", "non", "multi", "over", "super", "sub", "mis", "in", "up")


def _is_word(word: str) -> bool:
    """Check whether a word in lower case is English, judging by a list of common words."""
    vocabulary = _ordinary_words()
    if not {word.replace("our", "or"), word.replace("is", "iz")}.isdisjoint(vocabulary):
        return True
    if word in vocabulary or is_finite(word) or word in VERBS:
        return True
    for suffix in _SUFFIXES:
        base = word.removesuffix(suffix)
        if base != word and len(base) > 2:
            if {base, f"{base}e", f"{base[:-1]}y" if base.endswith("i") else base} & vocabulary:
                return True
            if len(base) > 3 and base[-1] == base[-2] and base[:-1] in vocabulary:
                return True
    return any(
        len(word) > len(prefix) + 3
        and word.startswith(prefix)
        and word[len(prefix) :] in vocabulary
        for prefix in _PREFIXES
    )


_FULL = {
    "what's": "what is", "whats": "what is", "who's": "who is", "where's": "where is",
    "wheres": "where is", "how's": "how is", "hows": "how is", "why's": "why is",
    "when's": "when is", "that's": "that is", "thats": "that is", "there's": "there is",
    "theres": "there is", "it's": "it is", "i'm": "I am", "im": "I am", "i've": "I have",
    "ive": "I have", "i'd": "I would", "i'll": "I will", "we're": "we are", "we've": "we have",
    "we'd": "we would", "they're": "they are", "you're": "you are", "can't": "cannot",
    "cant": "cannot", "won't": "will not", "wont": "will not", "let's": "let us",
    "kinda": "rather", "wanna": "want to", "gonna": "going to", "pic": "picture",
    "pics": "pictures", "pls": "please", "plz": "please",
}  # fmt: skip
_DENIALS = re.compile(
    r"(do|does|did|is|are|was|were|has|have|had|could|would|should|must)n'?t", re.IGNORECASE
)
CAPITALS = {
    word.lower(): word
    for word in word_set(
        """ADE20K AI AMD Apache API Arabic BibTeX Chinese CLIP CNN CNNs COCO CodeFormer CPU CPUs
        CUDA DINOv2 DocVQA English ESRGAN FeatSharp FeatUp FFT fMRI French GAN GANs German GFPGAN
        GitHub GoPro GPU GPUs HD HINet ImageNet Intel iPhone Italian Japanese JPEG JPG JSON
        Korean Lightroom Linux LLaVA LLaVAR LLM LLMs LPIPS Mac macOS MIMO mIoU MIT MPRNet
        MRI NAFNet NVIDIA OCR PaddleOCR PDF Photoshop PNG PSNR Python PyTorch RAM
        Real-ESRGAN Restormer RGB RSA Russian SigLIP Spanish SSIM SwinIR Tesseract TextVQA
        TIFF Uformer ViT ViTs VRAM WebP YAML"""
    )
}
FILLER = word_set(
    """so and but or ok okay well also then roughly approximately hi hello hey um oh btw hmm anyway
    first second finally"""
)
_ODD = re.compile(r"[^\w\s.,;:%×+/()'\"“”°€$&=²*-]|[_]|(?:[.,;:]){2,}|\s[-+*/=]\s")
_LIST_MARK = re.compile(r"(?:^|(?<=\s))\(?(?:\d|[a-c])\)\s")


def prepared(text: str, names: Names) -> Words | None:
    """Return the words of a sentence, fit to print; None if some may not be English.

    Empty if the sentence says nothing worth restating.
    """
    if len(text) > LONGEST or references_in(text) or any(map(is_unsafe, text)):
        return None
    text = text.replace("’", "'").replace("…", " ").replace(SPACE, " ")
    text = re.sub(r"\s+[-–—]+\s+|\s*—\s*", ", ", text).strip(" ,;:.!?")
    text = _LIST_MARK.sub("", names.join_names(_respelt(text)))
    if _ODD.search(text.replace("–", "-").replace(SPACE, "")) or text.count('"') % 2:
        return None
    words = begun([part for word in text.split() for part in _printed(word, names)])
    if words and low(words[0]) in ("thank", "thanks"):
        return []
    if re.fullmatch(r"i have (?:\w+ )?(?:\w+ )?questions?", " ".join(map(low, words))):
        return []
    if words and not names.is_name(words[0]) and words[0][1:] == words[0][1:].lower():
        parts = low(words[0]).split("-")
        keeps = not all(map(_is_word, parts)) and low(words[0]) not in CAPITALS
        words[0] = words[0] if keeps or words[0] in CAPITALS.values() else words[0].lower()
    return words if all(_is_printable(word, names) for word in words) else None


def begun(words: Words) -> Words:
    """Return the words without leading fillers such as `so`."""
    while words and low(words[0]) in FILLER:
        words = words[1:]
    return words


def _respelt(text: str) -> str:
    """Return the text with known misspellings corrected, and not in capitals throughout."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) > 12 and sum(map(str.isupper, letters)) > 0.7 * len(letters):
        text = text.lower()
    mended, at = [], 0
    for word in words(text):
        spelling = text[word.start : word.end]
        if word.text != fold(spelling) and spelling.isascii() and not _is_word(spelling.lower()):
            mended += [text[at : word.start], word.text]
            at = word.end
    return "".join((*mended, text[at:]))


def _printed(word: str, names: Names) -> Words:
    core = word.strip(',;:()"').lower()
    if names.is_name(word) or not core:
        return [word]
    if core in _FULL:
        return word.lower().replace(core, _FULL[core]).split()
    if denied := _DENIALS.fullmatch(core):
        return word.lower().replace(core, f"{denied[1]} not").split()
    if core in CAPITALS:
        return [word.lower().replace(core, CAPITALS[core])]
    return [word]


def _is_printable(word: str, names: Names) -> bool:
    core = word.strip(',;:()"“”').removesuffix("'s").removesuffix("'")
    if names.is_name(word) or core.startswith("."):
        return True
    if not core.islower() or any(map(str.isdigit, core)):
        return core.isascii() or not any(map(str.isalpha, core))
    if len(core) == 1:
        return core in "aix"
    parts = re.split(r"[-/+&.=<>]", core)
    return all(_is_word(part) or not _is_slip(part) for part in parts if part)


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _is_slip(word: str) -> bool:
    """Check whether an unlisted word is one letter off a common one, or not a word at all."""
    if word in _NO_WORDS or len(word) < 3 or not word.isascii() or not re.search("[aeiouy]", word):
        return True
    near = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1)}
    near |= {word[:i] + word[i + 1 :] for i in range(1, len(word))}
    near |= {word[:i] + c + word[i:] for i in range(1, len(word)) for c in _LETTERS}
    return not near.isdisjoint(_ordinary_words())
