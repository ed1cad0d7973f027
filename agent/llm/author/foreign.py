"""Names that a sentence may not contain: of systems, data sets, companies and people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from agent.question.languages import languages
from agent.question.names import models
from agent.question.words import word_set

_TOKEN = re.compile(r"(?<![A-Za-z0-9_])[A-Za-z0-9][A-Za-z0-9_]*(?:[-./+][A-Za-z0-9_]+)*\+*")
_OTHER_LETTERS = re.compile(r"[^\W\d_A-Za-z]+")
_LETTERED = re.compile(r"(?=.*[A-Za-z])(?=.*\d)[A-Za-z]")
_WORD = re.compile(r"[^\W\d_]+")
_CAPITALISED = re.compile(r"(?<![\w'’-])[^\W\d_a-z][^\W\d_]+(?:['’-][^\W\d_]+)*")
_STARTS = re.compile(r"(?:^|[.!?:;…–—]\s+|[\"“”„«»‘(]\s?|[。！？：；「『（])$")
_ENDINGS = re.compile(r"(?:['’]s|['’]|s|es|n|en|ns|er|in|a|as|i|e|y|ом|ом|а|у|е|и|ы|ов)$")
#: General terms of the field, which are not names of systems.
_TERMS = word_set(
    """ai ki ia ml rgb rgba cmyk ocr cpu cpus gpu gpus api apis png jpeg jpg pdf gif tiff webp
    svg html usb psnr ssim lpips mse cnn cnns rnn dnn mlp vae gan gans vit vits u-net relu fft vqa
    llm llms ok tv id ids url ram vram dslr iso lcd led dpi ppi hdr 2d 3d 4d 4k 8k hd uhd px db kb
    mb gb tb ko mo go mp ms hz khz mhz ghz usa uk eu faq q&a x-ray jpegs pngs ascii unicode
    json yaml sql l1 float32 float16 bfloat16 fp16 fp32 int8 utf-8 adam sgd groundglass"""
)
#: Words that are always capitalised but are not names of systems, companies or people in question.
_ALWAYS_CAPITAL = word_set(
    """i internet web fourier gauss gaussian laplace laplacian bayes bayesian euclidean cartesian
    spearman pearson gabor nyquist monday tuesday wednesday thursday friday saturday sunday january
    february march april may june july august september october november december latin cyrillic
    roman arabic greek vous usted ustedes lei sua suo u uw você
    фурье гаусс гаусса гауссово габор габора спирмен спирмена лаплас лапласа вы вас вам вами ваш
    ваша ваше ваши вашего вашей вашем вашу вашу интернет"""
)
#: Well-known companies, checked also where capitals mean nothing; below, those that are also words.
_COMPANIES = word_set(
    """google microsoft nvidia openai deepmind anthropic facebook instagram samsung sony huawei
    tencent alibaba baidu bytedance tiktok xiaomi intel ibm netflix nikon kodak fujifilm panasonic
    photoshop lightroom topaz midjourney stability huggingface github gitlab whatsapp youtube
    chatgpt gemini copilot mistral deepseek qwen siri alexa qualcomm amd stanford berkeley oxford
    harvard tsinghua eth max-planck fraunhofer yandex naver kaist
    谷歌 微软 微軟 苹果公司 英伟达 华为 腾讯 阿里巴巴 百度 三星 索尼 脸书 グーグル マイクロソフト
    アップル エヌビディア ソニー サムスン 구글 마이크로소프트 애플 엔비디아 삼성 네이버 소니
    гугл google'ом майкрософт эппл яндекс самсунг"""
)
_CAPITAL_COMPANIES = word_set("Apple Amazon Meta Adobe Canon Oracle Tesla Leica Shell Facebook")
_UNSPACED_COMPANIES = tuple(name for name in _COMPANIES if name[0] >= "\u3040")
_UNSPACED = frozenset({"zh", "ja", "ko"})
#: Languages in which a capital letter means nothing.
_NOUNS_IN_CAPITALS = frozenset({"de"})
_LOOKALIKES = str.maketrans("АВЕЅІЈКМНОРСТХУаеіјорсхуѕ", "ABESIJKMHOPCTXYaeijopcxys")


@dataclass(frozen=True)
class _Names:
    """The names in one text, in lower case except `lettered`."""

    tokens: frozenset[str]
    heads: frozenset[str]
    """First parts of compounds: `NAFNet` of `NAFNet-32`."""
    words: frozenset[str]
    lettered: frozenset[str]
    """Names that begin with a letter and contain a digit, as written: `V2`."""


@lru_cache(maxsize=1_024)  # facts recur in many answers
def _names_in(text: str) -> _Names:
    raw_tokens = [token.rstrip(".") for token in _TOKEN.findall(text)]
    tokens = frozenset(token.casefold() for token in raw_tokens)
    parts = (token.rstrip("+").split("-") for token in tokens)
    return _Names(
        tokens,
        frozenset("-".join(each[:i]) for each in parts for i in range(1, len(each) + 1)),
        frozenset(word.casefold() for word in _WORD.findall(text)),
        frozenset(token for token in raw_tokens if _LETTERED.match(token)),
    )


class Vocabulary:
    """The names and words that a sentence may use."""

    def __init__(self, texts: Iterable[str]) -> None:
        each = list(texts)
        self.text = " ".join(each).casefold()
        name_sets = [_names_in(text) for text in each]
        self.tokens = frozenset[str]().union(*(names.tokens for names in name_sets))
        self.heads = frozenset[str]().union(*(names.heads for names in name_sets))
        self.words = frozenset[str]().union(*(names.words for names in name_sets))
        self.lettered = frozenset[str]().union(*(names.lettered for names in name_sets))

    def name(self, token: str) -> str | None:
        """Return the name that a token stands for, in any case and with any ending, or None."""
        token = token.casefold().strip(".")
        for form in (token, _ENDINGS.sub("", token), token.rstrip("-")):
            if form in self.tokens:
                return form
        parts = token.split("-")
        for i in range(len(parts) - 1, 0, -1):  # a compound such as `LLaVAR-Antworten`
            if not any(map(str.isdigit, "".join(parts[i:]))):
                head = "-".join(parts[:i])
                if head in self.tokens:
                    return head
        return token if token in self.heads else None

    def word(self, word: str) -> bool:
        plain = word.casefold()
        return plain in self.words or _ENDINGS.sub("", plain) in {
            *self.words,
            *(_ENDINGS.sub("", other) for other in self.words if other[:2] == plain[:2]),
        }


def foreign_names(text: str, vocabulary: Vocabulary, language: str) -> list[str]:
    """Return the names that the vocabulary lacks, as written, in order, without repetition."""
    names = [
        *_name_like(text, vocabulary),
        *_companies(text, vocabulary),
        *_people(text, vocabulary, language),
    ]
    return list(dict.fromkeys(names))


def has_lookalike(text: str, vocabulary: Vocabulary) -> bool:
    """Check whether a word imitates a name of the vocabulary with letters of another alphabet."""
    for word in re.findall(r"[^\W\d_]+", text):
        plain = word.translate(_LOOKALIKES)
        if (
            plain != word
            and plain.isascii()
            and len(word) > 2
            and plain.casefold() in vocabulary.words
        ):
            return True
    return False


def _name_like(text: str, vocabulary: Vocabulary) -> Iterator[str]:
    for match in _TOKEN.finditer(text):
        token = match[0].rstrip(".")
        if _is_name(token) and not vocabulary.name(token) and not _is_term(token, vocabulary):
            yield token
    for name in models(_OTHER_LETTERS.sub(" ", text)):
        is_known = name.casefold() in vocabulary.text or vocabulary.name(name)
        if not is_known and not _is_term(name, vocabulary):
            yield name


def _is_name(token: str) -> bool:
    """Check whether a token looks like a name: two capitals, or a letter followed by a digit."""
    capitals = sum(map(str.isupper, token))
    return capitals > 1 or bool(_LETTERED.match(token))


def _is_term(token: str, vocabulary: Vocabulary) -> bool:
    """Check whether a token consists of general terms, ordinary words and known names."""
    parts = re.split(r"[-/]", token)
    whole = token.casefold()
    if whole in _TERMS or whole.removesuffix("s") in _TERMS:
        return True
    return len(parts) > 1 and all(
        part.casefold() in _TERMS
        or vocabulary.name(part) is not None
        or (part.isalpha() and sum(map(str.isupper, part)) <= 1)
        for part in parts
    )


def _companies(text: str, vocabulary: Vocabulary) -> Iterator[str]:
    for word in re.findall(r"[^\W_]+(?:-[^\W_]+)*", text):
        company = word in _CAPITAL_COMPANIES or word.casefold() in _COMPANIES
        if company and word.casefold() not in vocabulary.text:
            yield word
    yield from (
        name for name in _UNSPACED_COMPANIES if name in text and name not in vocabulary.text
    )


def _people(text: str, vocabulary: Vocabulary, language: str) -> Iterator[str]:
    """Yield capitalised words inside a sentence, which in most languages are names."""
    if language in _NOUNS_IN_CAPITALS:
        return
    if language in _UNSPACED:  # there, words in Latin letters are names or terms
        text = f"- {_OTHER_LETTERS.sub(' ', text)}"
    for match in _CAPITALISED.finditer(text):
        word = match[0]
        if not word[0].isupper() or word.isupper() or _STARTS.search(text[: match.start()]):
            continue
        parts = [part for part in re.split(r"['’-]", word) if part[:1].isupper()]
        if not all(_is_known(part, vocabulary) for part in parts) and vocabulary.name(word) is None:
            yield word


def _is_known(word: str, vocabulary: Vocabulary) -> bool:
    plain = word.casefold()
    if len(plain) < 2 or plain in _ALWAYS_CAPITAL or plain in _TERMS or plain in _languages():
        return True
    return vocabulary.word(word)


@cache
def _languages() -> frozenset[str]:
    return frozenset(n.casefold() for one in languages().each for n in (one.english, one.name))
