"""`/v1`: models, chat completions and responses, as OpenAI clients expect them."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from agent.web.failures import Refusal
from agent.web.openai.chat import Chat
from agent.web.openai.failures import with_openai_errors
from agent.web.openai.messages import ReplyMemory
from agent.web.openai.request import MODEL, check_model
from agent.web.openai.responses import Responses
from agent.web.service import Service

_MODEL = {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}


def routes(service: Service) -> list[BaseRoute]:
    """Return the routes under `/v1`."""
    memory = ReplyMemory()
    chat, responses = Chat(service, memory), Responses(service, memory)
    return [
        Route("/v1/models", with_openai_errors(_models), methods=["GET"]),
        Route("/v1/models/{id:path}", with_openai_errors(_model), methods=["GET"]),
        Route("/v1/chat/completions", with_openai_errors(chat.complete), methods=["POST"]),
        Route("/v1/responses", with_openai_errors(responses.create), methods=["POST"]),
        Route("/v1/{rest:path}", with_openai_errors(_unknown), methods=["GET", "POST", "DELETE"]),
    ]


async def _models(_: Request) -> Response:
    return JSONResponse({"object": "list", "data": [_MODEL]})


async def _model(request: Request) -> Response:
    check_model(request.path_params["id"])
    return JSONResponse(_MODEL)


async def _unknown(request: Request) -> Response:
    raise Refusal(
        f"this server has no {request.method} {request.url.path}; expected /v1/models, "
        "/v1/chat/completions or /v1/responses",
        404,
    )
