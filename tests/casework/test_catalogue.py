"""Publishing and the catalogue: versions never change, standards are complete, words are found."""

from __future__ import annotations

from pathlib import Path

import pytest

from terpadu.casework import public as casework
from terpadu.casework.definitions.answer_schema import answer_schema
from terpadu.casework.errors import DefinitionRefused, VersionTaken
from terpadu.casework.models import ServiceDefinition
from terpadu.casework.selectors.catalogue import compiled_of
from terpadu.kernel.errors import NotFound
from tests.casework.conftest import BY, World, person_of

pytestmark = pytest.mark.django_db

KIA = next(path for path in casework.definition_paths() if path.parent.name == "kia_baru")


def test_definition_publish_same_content_again_changes_nothing() -> None:
    first = casework.definition_publish(KIA, by=BY)

    assert casework.definition_publish(KIA, by=BY).pk == first.pk
    assert ServiceDefinition.objects.count() == 1


def test_definition_publish_other_content_for_a_version_is_refused(tmp_path: Path) -> None:
    casework.definition_publish(KIA, by=BY)
    changed = tmp_path / "service.yaml"
    changed.write_text(KIA.read_text("utf-8").replace("Gratis, dan", "Gratis dan"), "utf-8")

    with pytest.raises(VersionTaken):
        casework.definition_publish(changed, by=BY)


def test_definition_publish_faulty_file_keeps_nothing(tmp_path: Path) -> None:
    faulty = tmp_path / "service.yaml"
    faulty.write_text(KIA.read_text("utf-8").replace("verify: qr", ""), "utf-8")

    with pytest.raises(DefinitionRefused):
        casework.definition_publish(faulty, by=BY)

    assert ServiceDefinition.objects.count() == 0


def test_case_stays_on_its_version_when_a_newer_one_is_published(world: World, tmp_path: Path) -> None:
    case = casework.case_start("dukcapil.kia.baru", applicant=person_of(world.siti), by=world.siti)
    newer = tmp_path / "service.yaml"
    text = KIA.read_text("utf-8").replace("version: 1\n", "version: 2\n").replace("anak yang mana?", "siapa?")
    newer.write_text(text, "utf-8")
    casework.definition_publish(newer, by=BY)

    page = casework.page_get(case.case_id, by=world.siti)

    assert page.title["id"] == "KIA untuk anak yang mana?"
    assert casework.service_get("dukcapil.kia.baru").version == 2


def test_service_get_has_the_fourteen_components(world: World) -> None:
    view = casework.service_get("dukcapil.kia.baru")

    assert len(view.standard) == 14
    delivery = (1, 2, 3, 4, 5, 9)  # PermenPANRB 15/2014: these six must be published
    assert all(view.standard[index][1] for index in delivery)
    assert view.questions_at_most <= 3
    assert view.fee_rupiah == 0
    assert view.agency_name.startswith("Dinas Kependudukan")


def test_service_get_unknown_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        casework.service_get("tidak.ada")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kartu anak", {"dukcapil.kia.baru"}),
        ("domicile", {"kecamatan.domisili.surat"}),
        ("xyzzy", set()),
        ("%", set()),
    ],
)
def test_service_list_finds_by_words(world: World, query: str, found: set[str]) -> None:
    assert {view.service_id for view in casework.service_list(query=query)} == found


def test_service_list_by_life_event(world: World) -> None:
    found = {view.service_id for view in casework.service_list(life_event="kelahiran")}

    assert found == {"dukcapil.kia.baru", "dukcapil.kk.kelahiran"}


def test_answer_schema_is_a_json_schema_of_the_answers(world: World) -> None:
    compiled = compiled_of(ServiceDefinition.objects.get(service_id="dukcapil.kia.baru").pk)

    schema = answer_schema(compiled.definition)

    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"]["cara"]["enum"] == ["digital", "kecamatan", "keliling"]
    assert schema["properties"]["tgl_lahir"] == {"type": "string", "format": "date", "title": "Tanggal lahir"}
    assert schema["additionalProperties"] is False
    assert "anak" in schema["required"]


def test_compiled_of_a_published_version_is_what_the_file_says() -> None:
    row = casework.definition_publish(KIA, by=BY)

    stored, filed = compiled_of(row.pk).definition, casework.definition_check(KIA)

    assert stored == filed
    assert list(stored.sources) == list(filed.sources)
