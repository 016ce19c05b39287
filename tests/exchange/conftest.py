"""The toll road of the demo country, set up in a test's own directories."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from terpadu.directory import demo as directory_demo
from terpadu.exchange import demo as exchange_demo
from tests import seeds
from tests.exchange.fsc_scene import anchor, manager_of_parties, parties, scene

__all__ = ["anchor", "manager_of_parties", "parties", "scene"]


@pytest.fixture
def exchange_dir(settings: Settings, tmp_path: Path) -> Path:
    """Directories and addresses of this test alone."""
    settings.DATA_DIR = tmp_path
    settings.EXCHANGE_DIR = tmp_path / "exchange"
    settings.CONTROL_URL = "http://control.test"
    settings.ALLOWED_HOSTS = ["*"]
    return tmp_path / "exchange"


@pytest.fixture(scope="module")
def seeded(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The demo country's toll road, there for a module in a transaction around its tests."""

    def make() -> Path:
        folder = tmp_path_factory.mktemp("seeded")
        places = {
            "DATA_DIR": folder,
            "EXCHANGE_DIR": folder / "exchange",
            "CONTROL_URL": "http://control.test",
        }
        with override_settings(**places):
            directory_demo.seed()
            exchange_demo.seed()
        return folder / "exchange"

    with django_db_blocker.unblock(), transaction.atomic():
        yield seeds.seeded("toll road", make)
        transaction.set_rollback(True)


@pytest.fixture
def country(seeded: Path, db: None, exchange_dir: Path) -> Path:
    """The agencies, interfaces and contracts of the demo country, with files of this test's own; nothing runs."""
    shutil.copytree(seeded, exchange_dir)
    return exchange_dir
