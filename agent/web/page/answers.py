"""An answer at its address: its parts, its pictures and files, and what follows on it."""

from __future__ import annotations

import asyncio
import zipfile
from collections.abc import Iterator, Sequence
from functools import partial
from io import RawIOBase
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from agent.conversation import Past
from agent.report.citations import report_to_bibtex
from agent.report.folder import is_file_name
from agent.report.formats import folder_formats
from agent.report.html import parts
from agent.report.model_comparison import table
from agent.types import REMEMBERED_TURNS, Report, Turn, question_from
from agent.web.answers import SavedAnswer
from agent.web.page import comparisons as models
from agent.web.page.asking import COOKIE, AskingPages
from agent.web.page.forms import Form, read_form
from agent.web.page.pictures import closer_looks, picture_element, picture_url
from agent.web.page.rendering import html, page
from agent.web.service import Service

_ALL = "groundglass.zip"


class AnswerPages:
    """The pages of saved answers."""

    def __init__(self, service: Service, asking: AskingPages) -> None:
        self._service = service
        self._asking = asking

    async def show(self, request: Request) -> Response:
        """An answer, what can be downloaded, and a form to follow up."""
        saved = self._saved(request)
        return await asyncio.to_thread(self._page, request, saved)

    def _page(self, request: Request, saved: SavedAnswer) -> Response:
        shown: dict[str, Any] = {
            "saved": saved,
            "history": [e for e in self._asking.history(request) if e.answer != saved.id],
            "options": self._asking.choices(),
            "pictures": [path.name for path in saved.question.images],
            "files": [(name, title) for name, (title, _) in _files(saved).items()],
            "all": _ALL,
        }
        if saved.comparison:
            wanted = [request.query_params.get(side, "") for side in ("left", "right")]
            return self._compared(saved, wanted, shown)
        report = saved.report()
        if report is None:
            return page("reply", **shown)
        body = parts(report, partial(picture_url, saved), partial(closer_looks, saved))
        return page(
            "answer",
            title=report.question.text,
            header=html(body.header),
            body=html(body.main),
            footer=html(body.footer),
            bibtex=report_to_bibtex(report) if report.answer.references else "",
            asks_for_comparison=report.parsed.intent == "compare" or bool(report.parsed.wish),
            **shown,
        )

    def _compared(
        self, saved: SavedAnswer, wanted: Sequence[str], shown: dict[str, Any]
    ) -> Response:
        record = models.record_of(saved)
        sliders = (models.slider_of(saved, one, wanted) for one in record.pictures)
        return page(
            "comparison",
            comparison=record,
            compared=list(zip(record.pictures, sliders, strict=True)),
            table=table,
            element=partial(picture_element, saved),
            **shown,
        )

    async def picture(self, request: Request) -> Response:
        """A picture that was made for an answer."""
        saved, name = self._saved(request), request.path_params["name"]
        path = saved.folder / name
        if not (name.endswith(".png") and is_file_name(name) and path.is_file()):
            raise HTTPException(404, "this answer has no such picture")
        return FileResponse(path, media_type="image/png")

    async def file(self, request: Request) -> Response:
        """A file of an answer, or all of them in one, to be saved."""
        saved, name = self._saved(request), request.path_params["name"]
        files = _files(saved)
        if name == _ALL and files:
            headers = {"Content-Disposition": f'attachment; filename="{_ALL}"'}
            return StreamingResponse(_archive(saved), 200, headers, "application/zip")
        if name not in files or not (saved.folder / name).is_file():
            raise HTTPException(404, "this answer has no such file")
        return FileResponse(saved.folder / name, media_type=files[name][1], filename=name)

    async def compare(self, request: Request) -> Response:
        """Compare models on the pictures of an answer."""
        saved = self._saved(request)
        form = await read_form(request, self._service.options)
        text = form.text if form.text.strip() else saved.question.text
        order = await self._asking.order(form, text, form.upscale or saved.question.upscale)
        stored = await self._asking.stored(form)
        pictures = (*_kept(saved, form), *stored)
        return self._asking.start_comparison(request, order, pictures, stored)

    async def again(self, request: Request) -> Response:
        """Ask the question of an answer once more, with its pictures."""
        saved = self._saved(request)
        form = await read_form(request, self._service.options)
        question = saved.question
        if saved.comparison:
            order = await asyncio.to_thread(models.same_order, saved, self._service.settings)
            return self._asking.start_comparison(request, order, question.images)
        return self._asking.start(
            request,
            lambda: self._service.ask(question, form.wanted),
            self._asking.errand(question.text, (), form.wanted, len(question.images)),
            self._asking.remembered(question.text),
        )

    async def reply(self, request: Request) -> Response:
        """Say something to an answer, as in a chat."""
        saved = self._saved(request)
        form = await read_form(request, self._service.options)
        question_from(form.text)
        kept = _kept(saved, form)
        about, last = await asyncio.to_thread(self._last_report, request, saved)
        pictures = await self._asking.stored(form)
        past = Past(_turns(saved, last), last, (*kept, *pictures))
        return self._asking.start(
            request,
            lambda: self._service.follow_up(form.text, past, about, form.wanted),
            self._asking.errand(form.text, pictures, form.wanted, len(kept)),
            self._asking.remembered(form.text, about),
        )

    def _last_report(self, request: Request, saved: SavedAnswer) -> tuple[str, Report | None]:
        """The last report before a line, with its address: this answer, or one before it."""
        if report := saved.report():
            return saved.id, report
        for exchange in self._asking.histories.of(request.cookies.get(COOKIE)):
            before = exchange.answer == saved.id and self._service.answers.get(exchange.about)
            if before:
                return before.id, before.report()
        return "", None

    def _saved(self, request: Request) -> SavedAnswer:
        if saved := self._service.answers.get(request.path_params["id"]):
            return saved
        raise HTTPException(404, self._service.answers.gone)


def _turns(saved: SavedAnswer, last: Report | None) -> tuple[Turn, ...]:
    """What a conversation remembers after an answer, oldest first."""
    if saved.lines or last is None:
        return saved.question.turns
    return (*last.question.turns, last.turn)[-REMEMBERED_TURNS:]


def _kept(saved: SavedAnswer, form: Form) -> tuple[Path, ...]:
    """The pictures of an answer that stay attached."""
    return tuple(path for i, path in enumerate(saved.question.images) if str(i) in form.kept)


def _files(saved: SavedAnswer) -> dict[str, tuple[str, str]]:
    """Title and type of the files of an answer, by name; none where lines were said."""
    if saved.comparison:
        return models.FILES
    if saved.lines:
        return {}
    return {name: (row.title, row.media_type) for name, row in folder_formats()}


def _archive(saved: SavedAnswer) -> Iterator[bytes]:
    """All files of an answer in one, made as it is sent."""
    written = _Written()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(saved.folder.iterdir()):
            archive.write(file, f"groundglass/{file.name}")
            yield written.take()
    yield written.take()


class _Written(RawIOBase):
    """What is written to it, to be taken piece by piece."""

    def __init__(self) -> None:
        self._content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._content += content
        return len(content)

    def take(self) -> bytes:
        """What was written since it was last asked."""
        content = bytes(self._content)
        self._content.clear()
        return content
