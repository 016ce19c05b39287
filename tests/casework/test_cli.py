"""`terpadu service`: a definition is checked and published from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from terpadu.casework.cli import app
from terpadu.casework.models import ServiceDefinition
from terpadu.casework.public import definition_paths

KIA = next(path for path in definition_paths() if path.parent.name == "kia_baru")


@pytest.mark.parametrize("path", definition_paths(), ids=lambda path: path.parent.name)
def test_check_takes_every_service_of_the_package(path: Path) -> None:
    result = CliRunner().invoke(app, ["check", str(path)])

    assert result.exit_code == 0
    assert "ready to be published" in result.output


def test_check_names_line_fault_and_remedy(tmp_path: Path) -> None:
    broken = tmp_path / "service.yaml"
    broken.write_text(KIA.read_text().replace("version: 1\n", "version: one\n"))

    result = CliRunner().invoke(app, ["check", str(broken)])

    assert result.exit_code == 2
    assert f"{broken}:3: " in result.output


@pytest.mark.django_db
def test_publish_twice_changes_nothing_and_other_content_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "service.yaml"
    other.write_text(KIA.read_text().replace("Gratis, dan", "Gratis dan"))

    first = CliRunner().invoke(app, ["publish", str(KIA)])
    second = CliRunner().invoke(app, ["publish", str(KIA)])
    third = CliRunner().invoke(app, ["publish", str(other)])

    assert (first.exit_code, second.exit_code, third.exit_code) == (0, 0, 2)
    assert ServiceDefinition.objects.filter(service_id="dukcapil.kia.baru").count() == 1
