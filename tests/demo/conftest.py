"""The demo agencies' systems, started once for all tests of this folder."""

from collections.abc import Iterator

import pytest

from tests.demo.programs import Program, running

DUKCAPIL_SECRET = ("X-API-Key", "api_key")
AKTA_SECRET = ("Authorization", "authorization")


@pytest.fixture(scope="session")
def dukcapil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The population registry with 600 persons."""
    with running("demo.dukcapil", tmp_path_factory.mktemp("dukcapil"), secret=DUKCAPIL_SECRET) as program:
        yield program


@pytest.fixture(scope="session")
def akta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    """The birth-record service with 600 persons."""
    with running("demo.akta", tmp_path_factory.mktemp("akta"), secret=AKTA_SECRET) as program:
        yield program
