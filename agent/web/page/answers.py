"""An answer at its address: its parts, its pictures and files, and the forms to follow up."""

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
        """Show an answer with its downloads and a form to follow up."""
        saved = self._requested(request)
        return await asyncio.to_thread(self._page, request, saved)

    def _page(self, request: Request, saved: SavedAnswer) -> Response:
        values: dict[str, Any] = {
            "saved": saved,
            "history": [e for e in self._asking.history(request) if e.answer != saved.id],
            "options": self._asking.choices(),
            "pictures": [path.name for path in saved.question.images],
            "files": [(name, title) for name, (title, _) in _downloads(saved).items()],
            "all": _ALL,
        }
        if saved.comparison:
            sides = [request.query_params.get(side, "") for side in ("left", "right")]
            return self._comparison_page(saved, sides, values)
        report = saved.report()
        if report is None:
            return page("reply", **values)
        body = parts(report, partial(picture_url, saved), partial(closer_looks, saved))
        return page(
            "answer",
            title=report.question.text,
            header=html(body.header),
            body=html(body.main),
            footer=html(body.footer),
            bibtex=report_to_bibtex(report) if report.answer.references else "",
            asks_for_comparison=report.parsed.intent == "compare" or bool(report.parsed.wish),
            **values,
        )

    def _comparison_page(
        self, saved: SavedAnswer, sides: Sequence[str], values: dict[str, Any]
    ) -> Response:
        record = models.record_of(saved)
        sliders = (models.slider_of(saved, one, sides) for one in record.pictures)
        return page(
            "comparison",
            comparison=record,
            compared=list(zip(record.pictures, sliders, strict=True)),
            table=table,
            element=partial(picture_element, saved),
            **values,
        )

    async def picture(self, request: Request) -> Response:
        """Send a picture of an answer."""
        saved, name = self._requested(request), request.path_params["name"]
        path = saved.folder / name
        if not (name.endswith(".png") and is_file_name(name) and path.is_file()):
            raise HTTPException(404, "this answer has no such picture")
        return FileResponse(path, media_type="image/png")

    async def file(self, request: Request) -> Response:
        """Send a file of an answer, or all of them as a ZIP archive, for download."""
        saved, name = self._requested(request), request.path_params["name"]
        files = _downloads(saved)
        if name == _ALL and files:
            headers = {"Content-Disposition": f'attachment; filename="{_ALL}"'}
            return StreamingResponse(_archive(saved), 200, headers, "application/zip")
        if name not in files or not (saved.folder / name).is_file():
            raise HTTPException(404, "this answer has no such file")
        return FileResponse(saved.folder / name, media_type=files[name][1], filename=name)

    async def compare(self, request: Request) -> Response:
        """Compare models on the pictures of an answer."""
        saved = self._requested(request)
        form = await read_form(request, self._service.options)
        text = form.text if form.text.strip() else saved.question.text
        order = await self._asking.order(form, text, form.upscale or saved.question.upscale)
        uploads = await self._asking.store(form)
        pictures = (*_earlier_pictures(saved, form), *uploads)
        return self._asking.start_comparison(request, order, pictures, uploads)

    async def again(self, request: Request) -> Response:
        """Ask the question of an answer again, with its pictures."""
        saved = self._requested(request)
        form = await read_form(request, self._service.options)
        question = saved.question
        if saved.comparison:
            order = await asyncio.to_thread(models.same_order, saved, self._service.settings)
            return self._asking.start_comparison(request, order, question.images)
        return self._asking.start(
            request,
            lambda: self._service.ask(question, form.overrides),
            self._asking.submission(question.text, (), form.overrides, len(question.images)),
            self._asking.recorder(question.text),
        )

    async def reply(self, request: Request) -> Response:
        """Reply to an answer, as in a chat."""
        saved = self._requested(request)
        form = await read_form(request, self._service.options)
        question_from(form.text)
        earlier_pictures = _earlier_pictures(saved, form)
        about, last = await asyncio.to_thread(self._last_report, request, saved)
        pictures = await self._asking.store(form)
        past = Past(_turns(saved, last), last, (*earlier_pictures, *pictures))
        return self._asking.start(
            request,
            lambda: self._service.follow_up(form.text, past, about, form.overrides),
            self._asking.submission(form.text, pictures, form.overrides, len(earlier_pictures)),
            self._asking.recorder(form.text, about),
        )

    def _last_report(self, request: Request, saved: SavedAnswer) -> tuple[str, Report | None]:
        """Return the last report before a line and its address: this answer or an earlier one."""
        if report := saved.report():
            return saved.id, report
        for exchange in self._asking.histories.of(request.cookies.get(COOKIE)):
            before = exchange.answer == saved.id and self._service.answers.get(exchange.about)
            if before:
                return before.id, before.report()
        return "", None

    def _requested(self, request: Request) -> SavedAnswer:
        if saved := self._service.answers.get(request.path_params["id"]):
            return saved
        raise HTTPException(404, self._service.answers.gone)


def _turns(saved: SavedAnswer, last: Report | None) -> tuple[Turn, ...]:
    """Return the turns that a conversation remembers after an answer, oldest first."""
    if saved.lines or last is None:
        return saved.question.turns
    return (*last.question.turns, last.turn)[-REMEMBERED_TURNS:]


def _earlier_pictures(saved: SavedAnswer, form: Form) -> tuple[Path, ...]:
    """Return the pictures of an answer that stay attached."""
    return tuple(
        path for i, path in enumerate(saved.question.images) if str(i) in form.kept_pictures
    )


def _downloads(saved: SavedAnswer) -> dict[str, tuple[str, str]]:
    """Map each file of an answer to its title and media type; plain lines have no files."""
    if saved.comparison:
        return models.FILES
    if saved.lines:
        return {}
    return {name: (row.title, row.media_type) for name, row in folder_formats()}


def _archive(saved: SavedAnswer) -> Iterator[bytes]:
    """Yield all files of an answer as a ZIP archive, which is built while it is sent."""
    buffer = _Buffer()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(saved.folder.iterdir()):
            archive.write(file, f"groundglass/{file.name}")
            yield buffer.take()
    yield buffer.take()


class _Buffer(RawIOBase):
    """A write buffer that is emptied piece by piece."""

    def __init__(self) -> None:
        self._content = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self._content += content
        return len(content)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        content = bytes(self._content)
        self._content.clear()
        return content
