"""`/v1` where a client goes away, and where the server has enough to do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from openai import APIStatusError, AuthenticationError, OpenAI, RateLimitError

from agent.settings import Settings
from agent.web.app import create_app
from agent.web.jobs import Job
from agent.web.options import ServerOptions
from agent.web.service import Service
from tests.web.openai.test_endpoint import user
from tests.web.pictures import data_uri, png
from tests.web.serving import listening


@contextmanager
def serving(key: str = "none", **options: Any) -> Iterator[tuple[Service, OpenAI]]:
    """A service, and a client of the application around it."""
    with (
        Service(Settings(), ServerOptions(**options)) as service,
        listening(create_app(service)) as site,
        OpenAI(base_url=f"{site}/v1", api_key=key, max_retries=0) as client,
    ):
        yield service, client


def ask(client: OpenAI, *urls: str, stream: bool = False) -> Any:
    parts = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    content = [{"type": "text", "text": "Make it sharper, please."}, *parts]
    return client.chat.completions.create(
        model="groundglass", messages=user(content), stream=stream
    )


def test_a_client_that_goes_away_cancels_its_run() -> None:
    with serving() as (service, client):
        jobs: list[Job[Any]] = []
        start = service.jobs.start

        def noting(*args: Any, **kwargs: Any) -> Job[Any]:
            jobs.append(start(*args, **kwargs))
            return jobs[-1]

        service.jobs.start = noting  # type: ignore[method-assign]
        held = service.jobs.start(_until_cancelled, pictures=True)
        stream = ask(client, data_uri(png()), stream=True)
        next(iter(stream))
        stream.close()
        asyncio.run(_ended(jobs[1]))
        held.cancel()
        assert jobs[1].state == "cancelled"


def _until_cancelled(job: Job[Any]) -> None:
    while True:
        job.tell("progress", "working")
        threading.Event().wait(0.01)  # else it would fill the memory with its events


async def _ended(job: Job[Any]) -> None:
    async for _ in job.events():
        pass


def test_a_full_queue_says_when_to_come_back() -> None:
    with serving(queue=0) as (service, client):
        held = service.jobs.start(_until_cancelled, pictures=True)
        with pytest.raises(RateLimitError, match="busy") as error:
            ask(client, data_uri(png()))
        held.cancel()
    assert int(error.value.response.headers["retry-after"]) > 0
    assert error.value.code == "rate_limit_exceeded"


def test_a_request_that_is_too_large_is_told_so() -> None:
    with serving(max_upload=1_000) as (_, client), pytest.raises(APIStatusError) as error:
        ask(client, data_uri(png()) + "A" * 2_000)
    assert error.value.status_code == 413 and "1,000 bytes" in str(error.value)


def test_the_token_is_the_key_of_the_client() -> None:
    with serving(key="s3cret", token="s3cret") as (_, client):
        assert [model.id for model in client.models.list()] == ["groundglass"]
        with pytest.raises(AuthenticationError, match="token"):
            client.with_options(api_key="wrong").models.list()
