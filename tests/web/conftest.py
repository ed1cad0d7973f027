"""A running service as most tests of the ways in need it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agent.settings import Settings
from agent.web.service import Service


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """With no setting of its own; a file that needs others has a fixture of this name."""
    with Service(Settings()) as running:
        yield running
