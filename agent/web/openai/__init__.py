"""`/v1`: models, chat completions and responses, as clients of OpenAI expect them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from agent.web.failures import Refusal
from agent.web.openai.chat import Chat
from agent.web.openai.failures import in_shape
from agent.web.openai.messages import Known
from agent.web.openai.request import MODEL, check_model
from agent.web.openai.responses import Responses
from agent.web.service import Service

_MODEL = {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}


def routes(service: Service) -> list[BaseRoute]:
    """The routes under `/v1`."""
    known = Known()
    chat, responses = Chat(service, known), Responses(service, known)
    return [
        Route("/v1/models", in_shape(_models), methods=["GET"]),
        Route("/v1/models/{id:path}", in_shape(_model), methods=["GET"]),
        Route("/v1/chat/completions", in_shape(chat.complete), methods=["POST"]),
        Route("/v1/responses", in_shape(responses.create), methods=["POST"]),
        Route("/v1/{rest:path}", in_shape(_unknown), methods=["GET", "POST", "DELETE"]),
    ]


async def _models(_: Request) -> Response:
    return JSONResponse({"object": "list", "data": [_MODEL]})


async def _model(request: Request) -> Response:
    check_model(request.path_params["id"])
    return JSONResponse(_MODEL)


async def _unknown(request: Request) -> Response:
    raise Refusal(
        f"there is no {request.method} {request.url.path} here; expected /v1/models, "
        "/v1/chat/completions or /v1/responses",
        404,
    )
