"""What a browser sees: routes that render templates, and what they link to.

asking       the form, a job's progress, and the line where something went wrong
answers      an answer at its address: pictures, downloads, follow-ups
comparisons  models side by side: what is asked for, and what the page of it shows
pictures     the pictures of an answer, and closer looks at them
cards        the registry to browse and search
runs         jobs as pages follow them
history      what each browser asked
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
from agent.web.page.failures import shown
from agent.web.service import Service


def routes(service: Service) -> list[BaseRoute]:
    """The routes of the page."""
    asking = AskingPages(service)
    answers = AnswerPages(service, asking)
    cards = CardPages(service)
    return [
        Route("/", shown(asking.home)),
        Route("/ask", shown(asking.ask), methods=["POST"]),
        Route("/compare", shown(asking.compare), methods=["POST"]),
        Route("/history/clear", shown(asking.clear), methods=["POST"]),
        Route("/jobs/{id}", shown(asking.job)),
        Route("/jobs/{id}/events", shown(asking.events)),
        Route("/jobs/{id}/cancel", shown(asking.cancel), methods=["POST"]),
        Route("/answers/{id}", shown(answers.show)),
        Route("/answers/{id}/reply", shown(answers.reply), methods=["POST"]),
        Route("/answers/{id}/compare", shown(answers.compare), methods=["POST"]),
        Route("/answers/{id}/again", shown(answers.again), methods=["POST"]),
        Route("/answers/{id}/pictures/{name}", shown(answers.picture)),
        Route("/answers/{id}/files/{name}", shown(answers.file)),
        Route("/registry", shown(cards.browse)),
        Route("/registry/{id}", shown(cards.card)),
        Route("/static/{name}", shown(_static)),
    ]


async def _static(request: Request) -> Response:
    if file := rendering.static_file(request.path_params["name"]):
        return file
    raise HTTPException(404, "there is no such file")
