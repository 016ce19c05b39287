"""Real systems and small hostile ones for the doors."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.demo.ministries import Ministries, running_ministries
from tests.doors.fakes import FakeSystem, fake_system


@pytest.fixture(scope="session")
def ministries(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ministries]:
    """The ministries' systems with 200 persons."""
    with running_ministries(tmp_path_factory.mktemp("ministries")) as found:
        yield found


@pytest.fixture
def fake() -> Iterator[FakeSystem]:
    """A system that answers whatever a test tells it."""
    with fake_system() as system:
        yield system


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """The key of a door."""
    path = tmp_path / "door.key"
    path.write_text("door-key")
    return path
