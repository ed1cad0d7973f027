"""Options of a server: who may reach it, and how much they may ask of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

#: Names by which a machine reaches itself.
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True)
class ServerOptions:
    """The options of a server; the `Settings` of its answers are separate."""

    host: str = LOOPBACK[1]
    """The address to listen on; beyond loopback only with a token or a password."""
    port: int = 8765
    """The port to listen on; 0 for any free one."""
    names: tuple[str, ...] = ()
    """Further host names by which browsers may reach the server, such as that of a proxy."""
    token: str | None = field(default=None, repr=False)
    """The token that programs send as `Authorization: Bearer …`."""
    password: str | None = field(default=None, repr=False)
    """The password that browsers ask people for."""
    jobs: int = 1
    """Number of questions with pictures that are worked on at a time."""
    queue: int = 8
    """Number of questions with pictures that may wait; further ones are refused."""
    client_rate: int = 120
    """Questions per minute that one client may ask; 0 for no limit."""
    max_upload: int = 50_000_000
    """Largest size of a request in bytes, its pictures included."""
    max_pictures: int = 8
    """Largest number of pictures in a question."""
    keep_hours: float = 24.0
    """Hours for which an answer is kept."""
    keep_answers: int = 500
    """Number of answers that are kept; the oldest go first."""
    keep_bytes: int = 2_000_000_000
    """Bytes on disk that these answers may take."""
    allow: tuple[Path, ...] = ()
    """Folders whose pictures assistants may name by path; none by default."""
