"""Fixtures of the served sandbox: one server for the whole session, a fresh tenant for each test."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.served.tenant import ServedTenant, served


@pytest.fixture(scope="session")
def _server(tmp_path_factory: pytest.TempPathFactory) -> Generator[ServedTenant]:
    with served(tmp_path_factory.mktemp("served")) as tenant:
        yield tenant


@pytest.fixture
def contoso(_server: ServedTenant) -> ServedTenant:
    """The served tenant, as if nobody had used it before."""
    _server.start_over()
    return _server
