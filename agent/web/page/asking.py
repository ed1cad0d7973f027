"""The form that asks, and the progress of its job until the answer is ready."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from agent.errors import InputError
from agent.types import question_from
from agent.web.answers import SavedAnswer
from agent.web.jobs import Job
from agent.web.page.comparisons import models_here, order_of
from agent.web.page.failures import failure
from agent.web.page.forms import FACTORS, LEVELS, Form, read_form
from agent.web.page.history import Exchange, Histories
from agent.web.page.rendering import page
from agent.web.page.runs import Run, Runs, Submission
from agent.web.service import Overrides, Service

if TYPE_CHECKING:
    from agent.systems.model_comparison.comparing import Order

COOKIE = "groundglass"
_EXAMPLES = 6
_QUICK = 1.0
"""Seconds that a page waits for a quick answer."""


class AskingPages:
    """The pages that ask questions, and what all pages that start jobs share."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self.histories = Histories()
        self._runs = Runs(service.release)
        cards = islice(service.agent.registry.cards(), _EXAMPLES)
        self._examples = [card.examples[0] for card in cards if card.examples]
        self._models = models_here(service.settings)

    async def home(self, request: Request) -> Response:
        """Show the form, examples, and the earlier questions of this browser."""
        return page(
            "home",
            line=request.query_params.get("question", ""),
            examples=self._examples,
            history=self.history(request),
            options=self.choices(),
        )

    async def ask(self, request: Request) -> Response:
        """Start a job for a question that stands alone."""
        form = await read_form(request, self._service.options)
        question = question_from(form.text, upscale=form.upscale)
        pictures = await self.store(form)
        question = question.model_copy(update={"images": pictures})
        return self.start(
            request,
            lambda: self._service.ask(question, form.overrides),
            self.submission(form.text, pictures, form.overrides),
            self.recorder(form.text),
        )

    async def compare(self, request: Request) -> Response:
        """Start a comparison of models."""
        form = await read_form(request, self._service.options)
        order = await self.order(form, form.text, form.upscale)
        pictures = await self.store(form)
        return self.start_comparison(request, order, pictures, pictures)

    async def job(self, request: Request) -> Response:
        """Show the progress of a job, and redirect to its answer once it is ready."""
        run = self._run(request)
        if run.submission.quick:
            await asyncio.wait([asyncio.ensure_future(run.over.wait())], timeout=_QUICK)
        if run.answer:
            return RedirectResponse(f"/answers/{run.answer}", 303)
        if run.error:
            return failure(run.error, run.submission.line)
        return page("job", run=run)

    async def events(self, request: Request) -> Response:
        """Stream the progress of a job as server-sent events."""
        run = self._run(request)
        last = request.headers.get("last-event-id", "")
        start = int(last) if last.isascii() and last.isdigit() and len(last) < 9 else 0
        return StreamingResponse(
            run.events(start), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    async def cancel(self, request: Request) -> Response:
        """Cancel a job."""
        self._run(request).cancel()
        return RedirectResponse(f"/jobs/{request.path_params['id']}", 303)

    async def clear(self, request: Request) -> Response:
        """Clear the history of this browser."""
        self.histories.clear(request.cookies.get(COOKIE))
        return RedirectResponse("/", 303)

    # --- for every page that starts a job -----------------------------------------------------

    def choices(self) -> dict[str, object]:
        """Return the choices that the form offers beside the question."""
        settings = self._service.settings
        return {
            "factors": FACTORS,
            "levels": LEVELS,
            "level": settings.evidence,
            "model": settings.model if self._service.agent.llm else None,
            "most": self._service.options.max_pictures,
            "models": self._models,
        }

    def history(self, request: Request) -> list[Exchange]:
        """Return the exchanges of this browser whose answers still exist, latest first."""
        exchanges = self.histories.of(request.cookies.get(COOKIE))
        return [each for each in exchanges if self._service.answers.get(each.answer)]

    async def store(self, form: Form) -> tuple[Path, ...]:
        """Store the pictures of a form as files."""
        return await asyncio.to_thread(self._service.pictures, form.uploads)

    async def order(self, form: Form, text: str, factor: float | None) -> Order:
        """Return the comparison that a form asks for, still without pictures."""
        return await asyncio.to_thread(order_of, text, form.models, factor, self._service.settings)

    def start_comparison(
        self,
        request: Request,
        order: Order,
        pictures: Sequence[Path],
        stored: Sequence[Path] = (),
    ) -> Response:
        """Start a comparison of models on pictures, and redirect to its progress.

        Args:
            stored: the pictures to remove afterwards.

        Raises:
            InputError: if there are no pictures.
            Busy: if too many jobs wait.
        """
        if not pictures:
            raise InputError("attach the pictures to compare models on")
        return self.start(
            request,
            lambda: self._service.compare(replace(order, pictures=pictures)),
            Submission(order.title, tuple(stored), quick=False),
            self.recorder(order.title),
        )

    def submission(
        self, line: str, pictures: Iterable[Path], overrides: Overrides, n_earlier: int = 0
    ) -> Submission:
        """Describe what a job is for.

        Args:
            kept: number of earlier pictures that it works on, beside those of its form.
        """
        pictures = tuple(pictures)
        asks_model = self._service.agent.llm is not None and not overrides.offline
        return Submission(line, pictures, quick=not (pictures or n_earlier or asks_model))

    def recorder(self, line: str, about: str = "") -> Callable[[str, SavedAnswer], None]:
        """Return a function that adds an answer to the history of a browser.

        Args:
            about: the address of the last report, if the answer itself is not one.
        """

        def remember(browser: str, saved: SavedAnswer) -> None:
            last = saved.id if saved.has_report else about
            self.histories.add(browser, Exchange(line, saved.id, last))

        return remember

    def start(
        self,
        request: Request,
        begin: Callable[[], Job[SavedAnswer]],
        submission: Submission,
        remember: Callable[[str, SavedAnswer], None],
    ) -> Response:
        """Start a job, and redirect to the page that shows its progress.

        Raises:
            Busy: if too many jobs wait.
        """
        try:
            job = begin()
        except BaseException:
            self._service.release(submission.pictures)
            raise
        browser = self.histories.browser(request.cookies.get(COOKIE))
        self.histories.begin(browser)
        self._runs.start(job, submission, partial(remember, browser))
        response = RedirectResponse(f"/jobs/{job.id}", 303)
        secure = request.url.scheme == "https"
        response.set_cookie(COOKIE, browser, httponly=True, samesite="strict", secure=secure)
        return response

    def _run(self, request: Request) -> Run:
        if run := self._runs.get(request.path_params["id"]):
            return run
        raise HTTPException(404, "this job does not exist, or it ended long ago; ask again")
