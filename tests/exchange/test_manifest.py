"""The exchange as files: what is written is read back, and applying brings the platform to what the files say."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from terpadu.directory.demo import DUKCAPIL, KECAMATAN
from terpadu.exchange.cli import app
from terpadu.exchange.demo.systems import HOST
from terpadu.exchange.errors import ManifestInvalid, SystemUndescribed
from terpadu.exchange.manifest_files import FilesInvalid, read_manifest, write_manifest
from terpadu.exchange.public import Question, contract_list, explain, interface_list, peer_list, purpose_list
from terpadu.exchange.rules.manifest import (
    AgencyEntry,
    BasisEntry,
    ContractEntry,
    GrantEntry,
    InterfaceEntry,
    Manifest,
    PurposeEntry,
    TextEntry,
    changes_between,
)
from terpadu.exchange.selectors.manifest import documents_of_platform, manifest_of_platform
from terpadu.exchange.services.manifest import manifest_apply, manifest_plan
from terpadu.kernel.actors import Actor

BY = Actor.system("tests")
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=12)
CODES = st.from_regex(r"[a-z][a-z0-9.]{0,8}", fullmatch=True)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)).map(
    lambda at: at.replace(microsecond=0)
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(CODES, inner, max_size=3),
    max_leaves=5,
)
GRANTS = st.builds(
    GrantEntry,
    consumer=CODES,
    reader=CODES,
    provider=CODES,
    service=CODES,
    purpose=CODES,
    properties=st.dictionaries(CODES, VALUES, max_size=3),
)
MANIFESTS = st.builds(
    Manifest,
    agencies=st.lists(
        st.builds(AgencyEntry, code=CODES, peer_id=CODES, name=WORDS, short_name=WORDS, kind=CODES),
        max_size=3,
        unique_by=lambda one: one.key,
    ).map(tuple),
    interfaces=st.lists(
        st.builds(
            InterfaceEntry,
            agency=CODES,
            name=CODES,
            openapi=st.just("a.json"),
            sha256=st.just("0" * 64),
            base_url=WORDS,
            sign_in=st.dictionaries(CODES, WORDS, max_size=2),
            door=st.dictionaries(CODES, VALUES, max_size=2),
        ),
        max_size=2,
        unique_by=lambda one: one.key,
    ).map(tuple),
    purposes=st.lists(
        st.builds(
            PurposeEntry,
            consumer=CODES,
            provider=CODES,
            code=CODES,
            services=st.lists(CODES, max_size=2).map(tuple),
            text=st.builds(TextEntry, id=WORDS, en=WORDS),
            legal_basis=st.builds(
                BasisEntry, kind=st.just("law"), article=WORDS.filter(bool), is_assumed=st.booleans()
            ),
            data_items=st.lists(WORDS, max_size=2).map(tuple),
            retention=WORDS,
            risk=st.dictionaries(CODES, WORDS, max_size=2),
            not_before=MOMENTS,
            not_after=MOMENTS,
        ),
        max_size=2,
        unique_by=lambda one: one.key,
    ).map(tuple),
    contracts=st.lists(
        st.builds(
            ContractEntry,
            not_before=MOMENTS,
            not_after=MOMENTS,
            grants=st.lists(GRANTS, min_size=1, max_size=2).map(tuple),
        ),
        max_size=2,
        unique_by=lambda one: one.key,
    ).map(tuple),
)


@given(MANIFESTS)
@hypothesis_settings(max_examples=15, deadline=None)
def test_files_are_read_back_as_they_were_written(manifest: Manifest) -> None:
    with TemporaryDirectory() as folder:
        write_manifest(Path(folder), manifest, {})
        again, _ = read_manifest(Path(folder))
        first = {path.name: path.read_bytes() for path in Path(folder).glob("*.yaml")}
        write_manifest(Path(folder), again, {})
        assert first == {path.name: path.read_bytes() for path in Path(folder).glob("*.yaml")}
    assert again == manifest
    assert changes_between(manifest, again) == []


def test_change_names_the_member_and_both_values() -> None:
    one = AgencyEntry(code="a", peer_id="1", name="Lama", short_name="A", kind="ministry")
    other = one.model_copy(update={"name": "Baru"})
    (change,) = changes_between(Manifest(agencies=(one,)), Manifest(agencies=(other,)))
    assert (change.action, change.members) == ("change", (("name", "Lama", "Baru"),))
    with pytest.raises(ValueError, match="twice"):
        changes_between(Manifest(), Manifest(agencies=(one, one)))


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("agencies.yaml", "a: 1", "a list is expected"),
        ("agencies.yaml", "- code: a", "agencies.0"),
        ("contracts.yaml", "- [", "contracts.yaml"),
        ("purposes.yaml", "- !!python/name:os.system x", "purposes.yaml"),
    ],
)
def test_files_that_cannot_be_read_say_where(tmp_path: Path, name: str, text: str, words: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(FilesInvalid, match=words):
        read_manifest(tmp_path)


@pytest.mark.parametrize(
    ("member", "value", "place"),
    [
        ("text", {"id": "Uji"}, r"text\.en"),
        ("legal_basis", {"kind": "law", "article": ""}, r"legal_basis\.article"),
    ],
)
def test_purpose_in_files_that_is_incomplete_says_where(
    tmp_path: Path, member: str, value: dict[str, str], place: str
) -> None:
    entry = {
        "consumer": "a",
        "provider": "b",
        "code": "uji",
        "services": ["x"],
        "text": {"id": "Uji", "en": "Trial"},
        "legal_basis": {"kind": "law", "article": "UU 1"},
        "data_items": ["NIK"],
        "retention": "P1D",
        "risk": {},
        "expected_calls": 1,
        "not_before": "2026-01-01T00:00:00Z",
        "not_after": "2027-01-01T00:00:00Z",
    }
    (tmp_path / "purposes.yaml").write_text(orjson.dumps([entry | {member: value}]).decode())
    with pytest.raises(FilesInvalid, match=rf"purposes\.0\.{place}"):
        read_manifest(tmp_path)


def read_back(folder: Path) -> tuple[Manifest, dict[str, bytes]]:
    """Write the platform's own files and read them."""
    write_manifest(folder, manifest_of_platform(), documents_of_platform())
    return read_manifest(folder)


@pytest.mark.django_db
def test_export_of_the_country_changes_nothing_when_planned(country: Path, tmp_path: Path) -> None:
    wanted, documents = read_back(tmp_path / "files")
    assert len(wanted.agencies) == len(peer_list())
    assert len(wanted.interfaces) == len(documents) == len(interface_list())
    assert len(wanted.contracts) > 10
    assert manifest_plan(wanted) == []
    assert manifest_apply(wanted, documents, by=BY) == []


@pytest.mark.django_db
def test_what_the_files_add_is_made_once_and_what_they_leave_out_stays(
    country: Path, tmp_path: Path, settings: pytest.FixtureRequest
) -> None:
    settings.DEMO = True
    wanted, documents = read_back(tmp_path / "files")
    agency = AgencyEntry(
        code="dinkes.36.71",
        peer_id="36710009",
        name="Dinas Kesehatan",
        short_name="Dinkes",
        kind="regional_office",
        region_code="36.71",
    )
    purpose = next(one for one in wanted.purposes if one.code == "domisili.surat")
    purpose = purpose.model_copy(update={"consumer": agency.code, "code": "uji.berkas"})
    contract = next(one for one in wanted.contracts if "domisili.surat" in one.key)
    grant = contract.grants[0].model_copy(update={"reader": agency.code, "purpose": "uji.berkas"})
    grant.properties["purpose"] |= {"code": "uji.berkas"}
    wanted = Manifest(
        agencies=(agency,),
        purposes=(purpose,),
        contracts=(contract.model_copy(update={"grants": (grant,)}),),
    )
    plan = [(one.kind, one.action) for one in manifest_plan(wanted) if one.action != "unmanaged"]
    assert plan == [("agency", "add"), ("purpose", "add"), ("contract", "add")]
    before = len(contract_list())

    done = manifest_apply(wanted, documents, by=BY)
    assert len(done) == 3
    assert len(contract_list()) == before + 1
    assert [one.state for one in purpose_list("dinkes.36.71")] == ["active"]
    assert manifest_apply(wanted, documents, by=BY) == []
    asked = Question("dinkes.36.71", f"{DUKCAPIL}/kependudukan", "cariKeluarga", "uji.berkas", "DOM-2026-1")
    assert explain(asked).allowed


@pytest.mark.django_db
def test_changed_purpose_is_replaced_with_the_agreements_that_stand_on_it(
    country: Path, tmp_path: Path, settings: pytest.FixtureRequest
) -> None:
    settings.DEMO = True
    wanted, documents = read_back(tmp_path / "files")
    purposes = tuple(
        one.model_copy(update={"retention": "1 tahun"}) if one.code == "domisili.surat" else one
        for one in wanted.purposes
    )
    wanted = wanted.model_copy(update={"purposes": purposes})
    assert [(one.kind, one.action) for one in manifest_plan(wanted)] == [
        ("purpose", "change"),
        ("contract", "change"),
    ]
    manifest_apply(wanted, documents, by=BY)
    assert manifest_plan(wanted) == []
    asked = Question(KECAMATAN, f"{DUKCAPIL}/kependudukan", "cariKeluarga", "domisili.surat", "DOM-2026-1")
    assert explain(asked).allowed


@pytest.mark.django_db
def test_door_with_wrong_settings_never_reaches_the_program_of_doors(country: Path, tmp_path: Path) -> None:
    wanted, documents = read_back(tmp_path / "files")
    door = next(one for one in wanted.interfaces if one.door.get("kind") == "fhir")
    members = door.door["settings"]
    assert isinstance(members, dict)

    def entry(pages: int) -> Manifest:
        changed = door.door | {"settings": members | {"pages": pages}}
        return Manifest(interfaces=(door.model_copy(update={"door": changed}),))

    with pytest.raises(SystemUndescribed) as refused:
        manifest_apply(entry(500), documents, by=BY)
    assert refused.value.detail.startswith("settings.door.fhir.pages: ")
    manifest_apply(entry(7), documents, by=BY)
    assert "pages = 7" in (country / "doors" / HOST / "doors.toml").read_text()


@pytest.mark.django_db
def test_broken_entry_leaves_everything_as_it_was(country: Path, tmp_path: Path) -> None:
    wanted, _ = read_back(tmp_path / "files")
    added = wanted.interfaces[0].model_copy(update={"name": "lain", "openapi": "tidak-ada.json"})
    wanted = wanted.model_copy(update={"interfaces": (*wanted.interfaces, added)})
    with pytest.raises(ManifestInvalid) as refused:
        manifest_apply(wanted, {}, by=BY)
    assert refused.value.reason == "manifest.document_missing"
    assert len(manifest_plan(wanted)) == 1


@pytest.mark.django_db
def test_commands_write_show_and_ask_before_they_apply(country: Path, tmp_path: Path) -> None:
    runner, folder = CliRunner(), str(tmp_path / "files")
    assert runner.invoke(app, ["export", folder]).exit_code == 0
    assert "Nothing to change" in runner.invoke(app, ["plan", folder]).output
    agencies = tmp_path / "files" / "agencies.yaml"
    agencies.write_text(
        agencies.read_text()
        + "- {code: baru.36, peer_id: '3699', name: Baru, short_name: Baru, kind: district, region_code: '36.71.01'}\n"
    )
    planned = runner.invoke(app, ["plan", folder])
    assert (planned.exit_code, planned.output) == (3, "+ agency baru.36\n")
    assert runner.invoke(app, ["apply", folder], input="n\n").exit_code == 1
    assert runner.invoke(app, ["plan", folder]).exit_code == 3
    assert "Applied: 1." in runner.invoke(app, ["apply", folder, "--yes"]).output
    assert runner.invoke(app, ["plan", folder]).exit_code == 0


@pytest.mark.django_db
def test_commands_name_files_targets_and_names_that_cannot_be_with_their_line(
    country: Path, tmp_path: Path
) -> None:
    runner, folder = CliRunner(), tmp_path / "files"
    runner.invoke(app, ["export", str(folder)])
    file = folder / "interfaces.yaml"
    (folder / "openapi" / "baru.json").write_text(
        (folder / "openapi" / f"{DUKCAPIL}.kependudukan.json").read_text()
    )
    before = len(file.read_text().splitlines())
    entries = [
        {"agency": DUKCAPIL, "name": "baru", "openapi": "baru.json", "base_url": "http://10.9.8.7/x"},
        {"agency": "nirwana", "name": "a b", "openapi": "hilang.json", "sha256": "0" * 64},
        {
            "agency": DUKCAPIL,
            "name": "lain",
            "openapi": "baru.json",
            "credential_file": str(tmp_path / "gone"),
        },
    ]
    lines = []
    for entry in entries:
        lines += [
            f"{'- ' if not at else '  '}{name}: '{value}'" for at, (name, value) in enumerate(entry.items())
        ]
    file.write_text(file.read_text() + "\n".join(lines) + "\n")

    told = runner.invoke(app, ["plan", str(folder)])
    applied = runner.invoke(app, ["apply", str(folder), "--yes"])

    assert (told.exit_code, applied.exit_code) == (2, 2)
    for line, words in (
        (4, "This address is private"),
        (5, "no agency has the code nirwana"),
        (6, "“a b” must be letters"),
        (7, "there is no document hilang.json"),
        (12, "gone cannot be read"),
    ):
        found = [
            one for one in told.output.splitlines() if one.startswith(f"interfaces.yaml:{before + line}: ")
        ]
        assert len(found) == 1 and words in found[0], told.output
    assert told.output.splitlines()[-1] == "Nothing was applied."
    assert not [one for one in interface_list() if one.name in ("baru", "lain")]
