"""The six tools that assistants call; each runs as a job of the service and answers briefly."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Annotated, Any

from mcp.server.apps import client_supports_apps
from mcp.server.mcpserver import Context
from mcp_types import CallToolResult, ContentBlock, ImageContent, ResourceLink, TextContent
from pydantic import Field

from agent.imaging.reading import read, read_bytes
from agent.llm.checking import CheckedSentence, CheckedText, summary
from agent.report.markdown import escaped, to_markdown
from agent.report.model_comparison.markdown import to_markdown as comparison_to_markdown
from agent.report.model_comparison.record import ModelComparison
from agent.report.outline import outline
from agent.settings import Level
from agent.types import PROGRAM, FrozenModel, question_from
from agent.web.answers import SavedAnswer
from agent.web.mcp import app
from agent.web.mcp.cards import (
    card_line,
    card_of,
    card_text,
    default_order,
    relevance_order,
    sources_of,
)
from agent.web.mcp.pictures import Preview, at_hand, preview
from agent.web.mcp.ready import Ready
from agent.web.mcp.records import CardMatch, CardMatches, SentenceVerdict, TextVerdict
from agent.web.mcp.resources import REPORT, address, media_type, saved_answer
from agent.web.mcp.shortening import MOST_CHARACTERS, shorten
from agent.web.mcp.waiting import result_of
from agent.web.service import Overrides, Service

Caller = Context[Any, Any]
PicturePath = Annotated[
    str, Field(description="Path in a folder named with --allow, or a small data URI")
]
Factor = Annotated[int, Field(ge=1, le=8)]

#: Largest number of pictures that an answer links to; its report has them all.
_MOST_LINKS = 8
#: Number of sentences with structured verdicts, and how many characters of each are quoted.
_MOST_SENTENCES, _BEGINNING = 12, 40
_APART = "\n\n"
_MORE = "*More sentences have problems; check the text in parts to see them.*"


class Tools:
    """The tools. Assistants choose among them by their docstrings."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready

    async def ask(
        self,
        question: str,
        context: Caller,
        pictures: tuple[PicturePath, ...] = (),
        enlarge_by: Factor | None = None,
        evidence: Level | None = None,
    ) -> CallToolResult:
        """Explain why an image model did what it did, or which one to use, from a curated registry
        and from measurements on the pictures, with references. Quote the answer unchanged.
        """
        service = await self._ready()
        async with at_hand(pictures, service) as images:
            asked_question = question_from(question, images=images, upscale=enlarge_by)
            saved = await result_of(service.ask(asked_question, Overrides(evidence)), context)
            return await asyncio.to_thread(_answer, saved)

    async def search_registry(
        self, query: str, limit: Annotated[int, Field(ge=1, le=20)] = 5
    ) -> Annotated[CallToolResult, CardMatches]:
        """Find image models in the registry by what they do; best matches first."""
        return await asyncio.to_thread(_search, await self._ready(), query, limit)

    async def get_card(self, id: str, about: str = "") -> CallToolResult:
        """Read the facts about one model of the registry, each with its source; those relevant to
        `about` come first.
        """
        return await asyncio.to_thread(_card, await self._ready(), id, about)

    async def restore_image(
        self, picture: PicturePath, context: Caller, enlarge_by: Factor = 1
    ) -> CallToolResult:
        """Deblur a picture, enlarged first if asked; return a preview and a link to the file."""
        service = await self._ready()
        async with at_hand([picture], service) as (path,):
            saved = await result_of(service.restore(path, enlarge_by), context, shares=True)
            shows_app = client_supports_apps(context)
            return await asyncio.to_thread(_restoration, saved, enlarge_by, shows_app)

    async def check_text(
        self, text: str, context: Caller, question: str = "", report: str = ""
    ) -> Annotated[CallToolResult, TextVerdict]:
        """Check prose about image models against the registry, sentence by sentence: unknown links
        and names, numbers without a source, runs that did not happen. `report`: address of an
        answer whose runs the text may mention.
        """
        service = await self._ready()
        about = saved_answer(service, report.removeprefix(REPORT)) if report else None
        runs = about.report() if about else None
        job = service.jobs.start(
            lambda _: service.agent.check(text, question, runs), pictures=False
        )
        return _verdicts(await result_of(job, context))

    async def compare_models(
        self,
        pictures: Annotated[tuple[PicturePath, ...], Field(min_length=1)],
        context: Caller,
        models: tuple[str, ...] = (),
        enlarge_by: Factor = 3,
        criterion: str | None = None,
    ) -> CallToolResult:
        """Run models side by side on pictures and measure which is best at what; bicubic
        interpolation is always included. `criterion`: text, edges, halos, fidelity, texture,
        colour, speed or memory.
        """
        from agent.systems.model_comparison.comparing import Order
        from agent.systems.model_comparison.contenders import DEFAULT

        service = await self._ready()
        async with at_hand(pictures, service) as paths:
            order = Order(paths, models or DEFAULT, enlarge_by, service.settings, criterion or None)
            saved = await result_of(service.compare(order), context, shares=True)
            return await asyncio.to_thread(_comparison, saved)


def _card(service: Service, id: str, about: str) -> CallToolResult:
    card = card_of(service, id)
    if not about.strip():
        return _result(card_text(card, default_order(card), MOST_CHARACTERS))
    order = relevance_order(card, about, sources_of(service, id))
    return _result(card_text(card, order, MOST_CHARACTERS))


def _search(service: Service, query: str, limit: int) -> CallToolResult:
    sources = sources_of(service, query)
    hits = [hit for hit in sources.index.search(query, limit) if hit.card != PROGRAM]
    cards = [sources.registry[hit.card] for hit in hits]
    lines = (f"- {escaped(card_line(card))}" for card in cards)
    matches = CardMatches(
        cards=tuple(
            CardMatch(id=card.id, name=card.name, score=round(hit.score, 3))
            for card, hit in zip(cards, hits, strict=True)
        )
    )
    return _result("\n".join(lines) or "No card matches.", data=matches)


def _result(text: str, *others: ContentBlock, data: FrozenModel | None = None) -> CallToolResult:
    content: list[ContentBlock] = [TextContent(text=text), *others]
    structured = data.model_dump(mode="json") if data else None
    return CallToolResult(content=content, structured_content=structured)


def _answer(saved: SavedAnswer) -> CallToolResult:
    """Return the text that the terminal prints, links to the pictures, and a preview of one."""
    report = saved.report()
    assert report is not None, "a question gets a report"
    shown = outline(report).pictures
    links = _links(saved, [(picture.name, picture.caption) for picture in shown])
    text = to_markdown(report.model_copy(update={"pictures": {}}))
    pictures = (read_bytes(p.png, p.name, p.name) for p in shown if p.is_comparison and p.png)
    return _with_preview(text, saved, links, next(map(preview, pictures), None))


def _comparison(saved: SavedAnswer) -> CallToolResult:
    """Return the text that `groundglass compare` prints, links to the pictures, and a preview."""
    record = (saved.folder / "comparison.json").read_text("utf-8")
    comparison = ModelComparison.model_validate_json(record)
    artefacts = comparison.artefacts()
    links = _links(saved, [(artefact.name, artefact.caption) for artefact in artefacts])
    text = comparison_to_markdown(comparison, saved=False)
    figures = (read(saved.folder / artefact.name) for artefact in artefacts)
    return _with_preview(text, saved, links, next(map(preview, figures), None))


def _restoration(saved: SavedAnswer, factor: int, shows_app: bool) -> CallToolResult:
    """Return the line that `groundglass restore` prints, with a preview of the result."""
    (line,), (source,) = saved.lines, saved.question.images
    (path,) = saved.folder.iterdir()
    links = _links(saved, [(path.name, line)])
    after = preview(read(path))
    result = _with_preview(escaped(line), saved, links, after)
    if shows_app:
        result.meta = app.pictures(preview(read(source), factor), after, line)
    return result


def _with_preview(
    text: str, saved: SavedAnswer, links: Sequence[ResourceLink], small: Preview | None
) -> CallToolResult:
    """Return as much of the text as fits beside its links, then the links, then a preview."""
    room = MOST_CHARACTERS - sum(len(link.model_dump_json(exclude_none=True)) for link in links)
    others: list[ContentBlock] = list(links)
    if small:
        others.append(ImageContent(data=small.base64, mime_type=small.media_type))
    return _result(shorten(text, address(saved), room), *others)


def _links(saved: SavedAnswer, pictures: Sequence[tuple[str, str]]) -> list[ResourceLink]:
    """Return links to the first pictures, with name and caption."""
    return [
        ResourceLink(
            uri=address(saved, name), name=name, description=caption, mime_type=media_type(name)
        )
        for name, caption in pictures[:_MOST_LINKS]
    ]


def _verdicts(checked: CheckedText) -> CallToolResult:
    """Return the problems of each sentence in words, and the verdicts as structured data."""
    numbered = [(i, s) for i, s in enumerate(checked.sentences, 1) if s.problems]
    verdicts = [
        SentenceVerdict(
            number=i,
            begins=sentence.text[:_BEGINNING],
            verdict=sentence.verdict,
            facts=sentence.facts[:1],
            problems=tuple(problem.kind for problem in sentence.problems),
        )
        for i, sentence in numbered[:_MOST_SENTENCES]
    ]
    data = TextVerdict(
        passed=checked.passed,
        sentences=checked.totals.sentences,
        with_problems=tuple(verdicts),
    )
    room = MOST_CHARACTERS - len(data.model_dump_json())
    return _result(_problems(checked, numbered, room), data=data)


def _problems(
    checked: CheckedText, numbered: Sequence[tuple[int, CheckedSentence]], room: int
) -> str:
    """Return the summary, as many sentences with problems as fit, and what the check cannot see."""
    head, end = [summary(checked)], [checked.note]
    room -= sum(len(part) + len(_APART) for part in (*head, *end, _MORE))
    listed: list[str] = []
    for number, sentence in numbered:
        problems = [
            f"   - {problem.kind}: {escaped(problem.message)}" for problem in sentence.problems
        ]
        item = "\n".join((f"{number}. **{sentence.verdict}**: {escaped(sentence.text)}", *problems))
        room -= len(item) + 1
        if room < 0:
            end.insert(0, _MORE)
            break
        listed.append(item)
    return _APART.join((*head, *(["\n".join(listed)] if listed else []), *end))
