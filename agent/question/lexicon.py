"""The field's words: which tags a text is about, and how prose speaks of a tag.

The same closed set of tags marks the registry's claims and what a question observes or asks, so
that one finds the other. The tables hold triggers as `agent.question.words` reads them. German,
French, Spanish and Chinese have the words for effects.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from agent.question.words import Triggers, Word, words
from agent.systems.catalogue import OPERATIONS


@dataclass(frozen=True)
class Tag:
    """A tag with its words for prose.

    Attributes:
        phrase: what went well (`sharp edges`), or the topic.
        complaint: what went badly (`soft edges`); the phrase for topics, which cannot go badly.
    """

    id: str
    kind: Literal["effect", "topic"]
    phrase: str
    complaint: str


_EFFECTS = {
    "edges": ("sharp edges", "soft or broken edges"),
    "text": ("readable text", "unreadable text"),
    "blur": ("no blur", "blur"),
    "sharpness": ("a sharp picture", "a lack of sharpness"),
    "structure": ("preserved structure", "damaged structure"),
    "detail": ("fine detail", "lost detail"),
    "noise": ("no noise", "noise"),
    "artefacts": ("no artefacts", "artefacts"),
    "colour": ("true colours", "wrong colours"),
    "enlargement": ("a larger picture", "a picture that is no larger"),
    "hallucination": ("no invented content", "invented content"),
}
_TOPICS = {
    "speed": "how fast it is",
    "memory": "the memory it needs",
    "loss": "the loss it is trained with",
    "training": "how it is trained",
    "data": "the data it is trained on",
    "architecture": "how the network is built",
    "multi-scale": "work at several scales",
    "fusion": "how features are fused",
    "attention": "attention",
    "frequency": "the frequency domain",
    "residual": "residual learning",
    "licence": "the licence",
    "weights": "the released weights",
    "evaluation": "how well it measures up",
    "inputs": "what goes in",
    "outputs": "what comes out",
    "input-size": "the size of the input",
    "resolution": "resolution",
    "features": "feature maps",
    "semantics": "semantics",
    "saliency": "saliency",
    "brain": "likeness to the human brain",
    "ocr": "reading text in pictures",
    "language": "language",
    "ensemble": "ensembles",
    "limits": "where it fails",
    "comparison": "how it compares",
    "layers": "what single layers do",
}
TAGS: dict[str, Tag] = {
    **{k: Tag(k, "effect", good, bad) for k, (good, bad) in _EFFECTS.items()},
    **{k: Tag(k, "topic", phrase, phrase) for k, phrase in _TOPICS.items()},
}
EFFECTS = tuple(_EFFECTS)
TOPICS = tuple(_TOPICS)

_TRIGGERS: dict[str, str] = {
    "edges": """edge, edges, contour*, outline*, border, borders, boundar*, line art, linework,
        strokes, kante, kanten, rander, contours, bord, bords, bordes, contorno*, 边缘""",
    "text": """text, texts, letter, letters, lettering, word, words, font*, readab*, legib*,
        readible, unreadab*, illegib*, typograph*, handwrit*, small print, subtitle*, characters,
        digits, glyph*, caption, captions, schrift*, lesbar*, buchstabe*, texte, lisible*, lettres,
        texto*, letras, 文字, 字""",
    "blur": """blur*, bluring, bluriness, deblur*, unblur*, out of focus, defocus*, smear*, smudg*,
        fuzz*, hazy, camera shake, camera shak*, unscharf*, verschwommen*, flou*, borros*,
        desenfo*, difumin*, 模糊, 糊""",
    "sharpness": """sharp, sharper, sharply, sharpen*, sharpness, sharpest, shrap, crisp*, clear,
        clearly, clearer, clearness, clarity, in focus, razor sharp, scharf*, nette, nettes,
        nettete, plus net, plus nets, nitid*, 清晰, 锐利, 清楚""",
    "structure": """structur*, shape, shapes, geometr*, layout*, straight lines, estructura*,
        strukturen, struktur, 结构""",
    "detail": """detail*, fine grained, finegrained, textur*, intricate, fine lines, feinheiten,
        detalle*, 细节""",
    "noise": """noise*, noisy, grain, grainy, denois*, speckl*, rauschen, bruit, ruido, 噪声,
        噪点""",
    "artefacts": """artefact*, artifact*, artefakt*, artefacto*, halo, halos, haloing, ringing,
        ghosting, blocking, blocky, banding, pixelat*, pixelated, aliasing, jaggies, jagged,
        checkerboard*, moire, jpeg compress*, compression, 伪影""",
    "colour": """colour*, color*, saturation, saturated, tint, tinted, hue, hues, grayscale,
        greyscale, contrast, brightness, farbe*, farben, couleur*, 颜色""",
    "enlargement": """enlarge, enlarges, enlarging, enlargement*, enlarger, upscale, upscales,
        upscaling, upscaler*, super resol*, superres*, supperes*, bigger, larger, magnif*, zoom,
        zooming, blow up, blowing up, upsample, upsampling, vergrossern, vergrosserung*,
        hochskalieren, agrandir, agrandissement, ampliar, ampliacion, 放大, 超分""",
    "hallucination": """hallucin*, invent, invents, invented, inventing, made up, make up,
        makes up, making up, make stuff up, fabricat*, not really there, weren t there,
        wasn t there, faithful*, plausible, imagines, imagined, guess*, halluzin*, erfind*,
        erfund*, 幻觉""",
    "speed": """fast, faster, fastest, quick, quicker, quickly, slow, slower, slowly, speed*,
        runtime*, run time*, latency, real time, realtime, how long does .. take,
        how long do .. take, how long will .. take, take so long, takes so long, taking so long,
        seconds, milliseconds, ms, fps, throughput, inference time*, schnell*, langsam*, rapid*,
        vitesse, lent, lente, rapido*, velocidad, lento, 速度, 快, 慢""",
    "memory": """memory, ram, vram, oom, speicher, memoire, memoria, 内存, 显存""",
    "loss": """loss, losses, loss function*, objective, charbonnier, l1, l2, mse, verlustfunktion*,
        fonction de perte, funcion de perdida, 损失""",
    "training": """train, trained, training, trains, retrain*, pretrain*, pre train*, finetun*,
        fine tun*, epoch*, learning rate, optimiser, optimizer, batch size, supervis*,
        contrastive*, instruction tun*, trainiert, entrain*, entren*, 训练""",
    "data": """data, dataset*, data set*, gopro, realblur, laion, imagenet, coco, training images,
        training pictures, training pairs, corpus, datensatz*, donnees, datos, 数据""",
    "architecture": """architect*, u net, unet, encoder*, decoder*, backbone*, network
        design, residual block*, conv, convs, convolution*, cnn, cnns, parameters, how ..
        built, under the hood, receptive field*, inner workings, internally, architektur*,
        arquitectura, 架构""",
    "multi-scale": """multi scale, multiscale, coarse to fine, scales, several scales,
        different scales, pyramid*, multi input, multi output, multiple scales,
        multiple resolutions, 多尺度""",
    "fusion": """fuse, fused, fuses, fusing, fusion*, fusionn*, aff, asymmetric feature,
        combine .. feature*, merge .. feature*, combin* .. scale*, 融合""",
    "attention": """attention*, self attention, cross attention, attend, attends, 注意力""",
    "frequency": """frequen*, fourier, fft, spectr*, frequenz*, frecuencia*, 频率, 频域""",
    "residual": """residual*, skip connection*, resblock*, shortcut*, identity connection*, 残差""",
    "licence": """licens*, licenc*, lizenz*, licencia*, commercial*, kommerziell*, comercial*,
        open source, opensource, copyright*, allowed to, free to use, redistribut*, may .. ship,
        ship .. weights, in a product, in my product, terms of use, legal, legally, can i sell,
        sell, mit license*, apache, gpl, use .. at work, 许可, 许可证, 商用, 开源""",
    "weights": """weights, checkpoint*, pretrained model*, pre trained model*, model file*,
        pretrained network*, gewichte, download*, pth, pkl, onnx, safetensors, 权重""",
    "evaluation": """psnr, ssim, lpips, benchmark*, accura*, metric, metrics, score, scores,
        scored, evaluat*, state of the art, sota, published results, reported results, test set,
        how good, how well, performance, scienceqa, textvqa, docvqa, vqa, 评估, 精度""",
    "inputs": """the inputs, its inputs, as input, as an input, as its input, what input*, which
        input*, kind of input*, input format*, what goes in, what goes into, what does .. accept,
        eingabeformat*, als eingabe, en entree, como entrada, 输入""",
    "outputs": """the outputs, its outputs, as output, as an output, as its output, what output*,
        which output*, kind of output*, output format*, what comes out, what does .. output,
        what do .. output, what does .. return, ausgabeformat*, als ausgabe, en sortie,
        como salida, 输出""",
    "input-size": """input size*, image size*, picture size*, large image*, large photo*,
        large picture*, big image*, big photo*, huge image*, how big .. image*, how big ..
        picture*, how big .. photo*, how big can, how large .. image*, how large ..
        picture*, how large can, megapixel*, input resolution*, divisible, multiple of,
        tile, tiles, tiled, tiling, any size, maximum size, max size, minimum size, size
        limit*, 尺寸""",
    "resolution": """resolution*, high res, hi res, low res, lowres, highres, hires, pixels, px,
        dpi, 4k, 8k, 1080p, 720p, hd, auflosung*, resolucion*, 分辨率""",
    "features": """feature map*, featuremap*, features, feature, embedding*, patch token*,
        dense prediction*, feature vector*, merkmal*, caracteristicas, 特征""",
    "semantics": """semantic*, semantique*, meaning of .. image*, concept, concepts,
        object categor*, scene understanding, 语义""",
    "saliency": """salien*, visually salient, eye catching, stand out, stands out, 显著""",
    "brain": """brain*, cortex, cortical, fmri, neuroscien*, human vision, human perception,
        human visual, like humans, humans see, cognitive, gehirn*, cerveau, cerebro, 大脑, 人脑""",
    "ocr": """ocr, optical character recognition, text recognition, text rich, recogni* ..
        text, read .. text, reads .. text, reading .. text, transcri*, extract .. text,
        text extraction, scene text, posters, book covers, 识别文字, 文字识别""",
    "language": """language*, clip, llm, llms, vlm, vlms, vision language, multilingual,
        multimodal, instruction tun*, chatbot*, gpt*, captions, natural language, 语言""",
    "ensemble": """ensembl*, tta, test time augment*, rotations, averag* .. rotat*, 集成""",
    "limits": """limit, limits, limitation*, limited, fail, fails, failed, failing, failure*,
        weakness*, drawback*, caveat*, shortcoming*, does not work, doesn t work, doesnt work,
        not work, didn t work, bad at, struggl*, when should i not, where .. break*, grenzen,
        limites, 缺点, 局限""",
    "comparison": """compar*, versus, vs, better than, worse than, faster than, slower than,
        sharper than, difference*, differ, differs, different from, alternative*, unterschied*,
        vergleich*, comparacion, diferencia*, 区别, 比较, 对比""",
    "layers": """layer*, early layer*, deep layer*, depth of .. network, schicht*, couches, capas,
        层""",
}
#: Phrases whose words mean something else: what lies inside them triggers nothing.
_IDIOMS = """in detail, in more detail, in great detail, more details, some details, further
    details, detailed explanation, detailed answer, detailed response, explain .. in detail, loss
    of, at a loss, in other words, in simple words, in your own words, in plain words, in a few
    words, in layman s words, key word*, clear to me, not clear why, not clear how, it is clear, it
    s clear, to be clear, make it clear, clear explanation, clear answer, clear up, quick question,
    quick one, real quick, border collie, next word, guess so, my guess, i guess, at length, fast
    answer, quick answer, the data sheet, what is the use, cover letter, by the way, train station,
    train ticket*, train of, tell apart, word document, word file, scales up, scales well, scales
    to, licence plate*, license plate*, noise ceiling*, zoom call, zoom meeting, what does .. paper
    say, what does .. licence say, what does .. license say, what do .. authors say, what does ..
    readme say, what does .. article say, what does .. model card say, speech to text, voice to
    text, transcri* .. podcast*, transcri* .. recording*, transcri* .. speech, transcri* .. audio,
    transcri* .. voice*"""

_TAG_TRIGGERS = Triggers(_TRIGGERS)
_OPERATION_TRIGGERS = Triggers({key: op.asked_with for key, op in OPERATIONS.items()})
_IDIOM_TRIGGERS = Triggers({"": _IDIOMS})


def _idle(text: list[Word]) -> set[int]:
    """Indices of words that are part of an idiom."""
    return {i for _, start, end in _IDIOM_TRIGGERS.find(text) for i in range(start, end)}


def mentions(text: list[Word]) -> list[tuple[str, int, int]]:
    """Tags with the words that triggered them: tag, first word, past the last; in text order."""
    idle = _idle(text)
    return [m for m in _TAG_TRIGGERS.find(text) if not idle.issuperset(range(m[1], m[2]))]


def tags_in(text: str) -> tuple[str, ...]:
    """Tags that a text bears on, in the order of their first mention."""
    return tuple(dict.fromkeys(tag for tag, _, _ in mentions(words(text))))


def operations(text: list[Word]) -> list[tuple[str, int, int]]:
    """Operations that a text names: operation, first word, past the last; in text order."""
    idle = _idle(text)
    found = _OPERATION_TRIGGERS.find(text)
    return [m for m in found if not idle.issuperset(range(m[1], m[2]))]
