"""How a server is run: who may reach it and how much they may ask of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

#: Names under which a machine reaches itself.
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class ServerOptions:
    """All that a server may vary beside the `Settings` of its answers."""

    host: str = LOOPBACK[1]
    """Where it listens; beyond loopback only with a token or a password."""
    port: int = 8765
    """0 takes any free one."""
    names: tuple[str, ...] = ()
    """Further names by which browsers may reach it, such as that of a proxy."""
    token: str | None = field(default=None, repr=False)
    """What programs present as `Authorization: Bearer …`."""
    password: str | None = field(default=None, repr=False)
    """What people type; browsers ask for it."""
    jobs: int = 1
    """Pictures that are worked on at a time."""
    queue: int = 8
    """Questions with pictures that may wait; more are refused."""
    client_rate: int = 120
    """Questions that one client may ask in a minute; 0 sets no limit."""
    max_upload: int = 50_000_000
    """Bytes of one request, its pictures included."""
    max_pictures: int = 8
    """Pictures of one question."""
    keep_hours: float = 24.0
    """How long an answer keeps its address."""
    keep_answers: int = 500
    """Answers that keep their address; the oldest go first."""
    keep_bytes: int = 2_000_000_000
    """Bytes on the disk that these answers may take."""
    allow: tuple[Path, ...] = ()
    """Folders whose pictures assistants may name by their path; none by default."""
