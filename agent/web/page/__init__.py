"""The web page: routes that render templates, and the files that pages link to.

asking       the form, and the progress of a job
answers      an answer at its address: pictures, downloads, follow-ups
comparisons  models side by side: the request, and the page of the results
pictures     the pictures of an answer, and close-ups of them
cards        the registry, to browse and to search
runs         jobs as pages follow them
history      the questions of each browser
forms, failures, rendering    reading forms, error pages, templates and static files

Nothing here answers a question; that is the work of `agent.web.service`.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from agent.web.page import rendering
from agent.web.page.answers import AnswerPages
from agent.web.page.asking import AskingPages
from agent.web.page.cards import CardPages
from agent.web.page.failures import with_error_page
from agent.web.service import Service


def routes(service: Service) -> list[BaseRoute]:
    """Return the routes of the page."""
    asking = AskingPages(service)
    answers = AnswerPages(service, asking)
    cards = CardPages(service)
    return [
        Route("/", with_error_page(asking.home)),
        Route("/ask", with_error_page(asking.ask), methods=["POST"]),
        Route("/compare", with_error_page(asking.compare), methods=["POST"]),
        Route("/history/clear", with_error_page(asking.clear), methods=["POST"]),
        Route("/jobs/{id}", with_error_page(asking.job)),
        Route("/jobs/{id}/events", with_error_page(asking.events)),
        Route("/jobs/{id}/cancel", with_error_page(asking.cancel), methods=["POST"]),
        Route("/answers/{id}", with_error_page(answers.show)),
        Route("/answers/{id}/reply", with_error_page(answers.reply), methods=["POST"]),
        Route("/answers/{id}/compare", with_error_page(answers.compare), methods=["POST"]),
        Route("/answers/{id}/again", with_error_page(answers.again), methods=["POST"]),
        Route("/answers/{id}/pictures/{name}", with_error_page(answers.picture)),
        Route("/answers/{id}/files/{name}", with_error_page(answers.file)),
        Route("/registry", with_error_page(cards.browse)),
        Route("/registry/{id}", with_error_page(cards.card)),
        Route("/static/{name}", with_error_page(_static)),
    ]


async def _static(request: Request) -> Response:
    if file := rendering.static_file(request.path_params["name"]):
        return file
    raise HTTPException(404, "this server has no such file")
