"""Fixtures: one toll road for a whole module, or a fresh one for tests that break it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.gateway.road import Road, make_road


@pytest.fixture(scope="module")
def road(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Road]:
    """A running toll road that every test of the module leaves as it found it."""
    made = make_road(tmp_path_factory.mktemp("road") / "country")
    try:
        made.start()
        yield made
    finally:
        made.close()


@pytest.fixture
def build_road(tmp_path: Path) -> Iterator[Callable[..., Road]]:
    """Makes toll roads that a test may break; not started, ended with the test."""
    made: list[Road] = []

    def build(*, limits: str = "") -> Road:
        made.append(make_road(tmp_path / f"country-{len(made)}", limits=limits))
        return made[-1]

    yield build
    for one in made:
        one.close()


@pytest.fixture
def fresh_road(build_road: Callable[..., Road]) -> Road:
    """A running toll road of this test alone."""
    made = build_road()
    made.start()
    return made
