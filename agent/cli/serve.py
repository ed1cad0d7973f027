"""The command `serve`: the web page, `/v1` and `/mcp` on one server."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from agent.cli import shared
from agent.cli.parser import Group
from agent.errors import ConfigError

if TYPE_CHECKING:
    from agent.web.options import ServerOptions

#: Options also read from the environment, which hides them from other users of the machine.
_SECRETS = ("token", "password")


def add(group: Group) -> None:
    """Add `serve`."""
    about = "serve a web page, and endpoints for OpenAI-compatible clients and assistants"
    command = group.add("serve", about, _serve)
    add = command.add_argument
    add("--host", metavar="HOST", help="listen here; default: 127.0.0.1, this machine only")
    add("--port", type=_whole(0, 65_535), metavar="N", help="default: 8765; 0 takes any free one")
    add(
        "--name", dest="names", action="append", metavar="NAME",
        help="additional host name, such as that of a proxy; may be given several times",
    )  # fmt: skip
    add(
        "--token", type=_secret, metavar="SECRET",
        help="bearer token that programs must send; GROUNDGLASS_TOKEN keeps it off the process "
        "list",
    )  # fmt: skip
    add(
        "--password", type=_secret, metavar="SECRET",
        help="password for browsers; or GROUNDGLASS_PASSWORD",
    )  # fmt: skip
    add(
        "--allow", type=shared.path, action="append", metavar="DIR",
        help="let assistants use pictures in this folder and below; may be given several times; "
        "default: none",
    )  # fmt: skip
    limits = command.add_argument_group("limits").add_argument
    limits(
        "--jobs", type=_whole(1, 64), metavar="N", help="pictures to work on at a time; default: 1"
    )
    limits(
        "--queue", type=_whole(0, 10_000), metavar="N",
        help="questions with pictures that may wait; further ones are refused; default: 8",
    )  # fmt: skip
    limits(
        "--client-rate", type=_whole(0, 10**6), metavar="N",
        help="questions per minute that one client may ask; default: 120; 0 for no limit",
    )  # fmt: skip
    limits(
        "--max-upload", type=_whole(1), metavar="BYTES",
        help="size limit of a request, pictures included; default: 50,000,000",
    )  # fmt: skip
    limits(
        "--max-pictures",
        type=_whole(1, 100),
        metavar="N",
        help="pictures per question; default: 8",
    )
    limits(
        "--keep-hours", type=_hours, metavar="H",
        help="hours an answer stays at its URL; default: 24",
    )  # fmt: skip
    shared.run_options(command)
    shared.model_options(command)


def _serve(options: argparse.Namespace) -> int:
    try:
        from agent.web.server import check, serve
        from agent.web.service import Service
    except ModuleNotFoundError as missing:
        raise ConfigError(
            f"the server needs {missing.name}, which is not installed; "
            "run: pip install 'groundglass[web]'"
        ) from None
    server_options = _server_options(options)
    check(server_options)
    signal.signal(signal.SIGTERM, _stop)
    if sys.stderr.isatty() and not options.quiet:
        print("Starting; the first start on a machine takes up to a minute …", file=sys.stderr)
    try:
        with Service(shared.settings(options), server_options) as service:
            serve(service, _say_ready)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
    return 0


def _server_options(options: argparse.Namespace) -> ServerOptions:
    """Return the options from flags and environment, with defaults for the rest."""
    from dataclasses import fields

    from agent.web.options import ServerOptions

    values: dict[str, Any] = {}
    for field in fields(ServerOptions):
        value = getattr(options, field.name, None)
        if value is None and field.name in _SECRETS:
            value = os.environ.get(f"GROUNDGLASS_{field.name.upper()}") or None
        if value is not None:
            values[field.name] = tuple(value) if isinstance(value, list) else value
    return ServerOptions(**values)


def _whole(least: int, most: int = 10**12) -> Callable[[str], int]:
    """Return the argument type of a whole number within a range."""

    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(
                f"{text!r}: expected a whole number from {least} to {most:,}"
            )
        return int(text)

    return number


def _secret(text: str) -> str:
    """Check a secret: an empty one would silently leave the server open."""
    if not text.strip():
        raise argparse.ArgumentTypeError(
            "the secret is empty; give a value, or leave the option out"
        )
    return text


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0
    if not 0 < hours < 10_000:
        raise argparse.ArgumentTypeError(f"{text!r}: expected hours, such as 24 or 0.5")
    return hours


def _say_ready(address: str) -> None:
    print(f"Groundglass is running at {address} (press Ctrl-C to stop)", flush=True)


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt
