from __future__ import annotations

import pytest

from tests.search.support import Shipped


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Shipped:
    return Shipped(tmp_path_factory.getbasetemp() / "cache")
