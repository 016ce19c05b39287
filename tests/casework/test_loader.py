"""Every refusal of the loader and the checker names its line and a remedy."""

from __future__ import annotations

from pathlib import Path

import pytest

from terpadu.casework.definitions.checking import check_definition
from terpadu.casework.definitions.diagram import step_diagram
from terpadu.casework.definitions.loading import load_document
from terpadu.casework.errors import DefinitionRefused
from terpadu.casework.services.publishing import definition_check, definition_paths

KIA = next(path for path in definition_paths() if path.parent.name == "kia_baru").read_text("utf-8")

YAML_REFUSALS = [
    ("a: [1, 2", 1, "not YAML"),
    ("a: &x [1]\nb: *x\n", 1, "anchors and aliases"),
    ('a: "1"\nb: !!str "2"\n', 2, "tag"),
    ('a: "1"\nb: "2"\na: "3"\n', 3, "written twice"),
    ("a: yes\n", 1, "must be quoted"),
    ("a: 1.5\n", 1, "must be quoted"),
    ("a: null\n", 1, "must be quoted"),
    ("a:\n", 1, "has no value"),
    ("a: Two words\n", 1, "must be quoted"),
    ("a: 0x1F\n", 1, "must be quoted"),
    ("a: 2026-11-21\n", 1, "must be quoted"),
    ("a: True\n", 1, "must be quoted"),
    ('a: "1"\n---\nb: "2"\n', 2, "second document"),
    ("<<: {a: b}\n", 1, "cannot be a key"),
    ("? [a]\n: b\n", 1, "cannot be a key"),
    ("- a\n- b\n", 1, "not a mapping"),
    ("", 1, "not a mapping"),
    ("a: " + "[" * 40 + "]" * 40, 1, "nested too deeply"),
    ('a: "\x00"', 0, "not YAML"),
    ("x" * 200_001, 0, "too large"),
]


@pytest.mark.parametrize(("text", "line", "message"), YAML_REFUSALS)
def test_load_document_outside_the_subset_is_refused_with_its_line(
    text: str, line: int, message: str
) -> None:
    with pytest.raises(DefinitionRefused) as caught:
        load_document(text)

    problem = caught.value.problems[0]
    assert problem.line == line
    assert message in problem.message
    assert problem.remedy


def test_load_document_keeps_texts_numbers_and_booleans() -> None:
    document = load_document('a: "yes"\nb: 3\nc: true\nd: [x, "50%"]\n')

    assert document.value == {"a": "yes", "b": 3, "c": True, "d": ["x", "50%"]}
    assert document.line_of(("d", 1)) == 4


# What is changed in the child identity card's file, and what the checker then says. "" removes the line.
CHANGES = [
    ('  en: "The official identity of a child under 17. Free, and we already have the data."\n', "", "lacks its English"),
    ("life_events: [kelahiran, masuk_sekolah]", "life_event: [kelahiran]", "not a word of the language"),
    ("version: 1\n", 'version: "1"\n', "valid integer"),
    ("version: 1\n", "version: 1\nsurvey: {model: skm9}\n", "Input should be 'skm-9'"),
    ("version: 1\n", "version: 1\nappointments: {}\n", "'appointments' is not implemented yet"),
    ("version: 1\n", "version: 1\nshortcut: {}\n", "'shortcut' is not implemented yet"),
    ('region: "36.71"}\nbasis', 'region: "36.71", scope: kota}\nbasis', "'scope' is not implemented yet"),
    ("fee: {amount: 0,", "fee: {amount: 5000,", "fee.amount > 0 is not implemented yet"),
    ('fee: {amount: 0, basis: "UU 24/2013 ps. 79A"}', "fee: {amount: 0}", "the article is missing"),
    ("  calendar: national\n", "", "has no calendar"),
    ("  calendar: national\n", '  calendar: "@agency"\n', "is not implemented yet"),
    ("    verify: qr\n", "", "no way to verify"),
    ("  retain_years: 5\n", "", "how long data is kept"),
    ("type: region, within", "type: money, within", "'type: money' is not implemented yet"),
    ("id: tempat, type: region", 'id: tempat, when: "has(cara)", type: region', "'when' is not implemented yet"),
    ('rule: "age(subject.tgl_lahir) < 17"', 'rule: "age(subject.umur) < 17"', "there is no 'umur'"),
    ('rule: "age(subject.tgl_lahir) < 17"', 'rule: "age(subject.nama) < 17"', "is text, not date"),
    ('rule: "age(subject.tgl_lahir) < 17"', 'rule: "age(subject.tgl_lahir)"', "gives number, not yes_no"),
    ('rule: "age(subject.tgl_lahir) < 17"', 'rule: "__import__(1)"', "not a function of the language"),
    ("when: \"cara == 'kecamatan'\"", "when: \"carra == 'kecamatan'\"", "nothing is called 'carra'"),
    ("when: \"cara == 'kecamatan'\"", "when: \"has(foto)\"", "asked later"),
    ("          goto: anak_manual", "          goto: anak_lain", "there is no page 'anak_lain'"),
    ("          goto: anak_manual", "          goto: anak", "leads back"),
    ("          goto: anak_manual", "          goto: tempat", "can never be reached"),
    ("  - id: tempat\n    when", "  - id: anak\n    when", "a second page is called 'anak'"),
    (', prefill: ["lahir.nama", "anak.nama"], locked: true}', "}", "is asked although"),
    ('prefill: ["lahir.nama", "anak.nama"]', 'prefill: ["subject.nama"]', "depend on each other"),
    ("type: photo, accept: [jpg, png]", "type: photo", "needs 'accept'"),
    ("type: photo, accept: [jpg, png]", "type: photo, accept: [jpg], min: 1", "does not use 'min'"),
    ("role: verifikator\n", "role: penguji\n", "there is no role 'penguji'"),
    ("    actions: {approve: ttd, send_back: perbaikan, reject: ditolak}\n", "", "can not end"),
    ("actions: {approve: ttd, send_back", "actions: {approve: tanda, send_back", "which is no step"),
    ("send_back: perbaikan, reject: ditolak", "send_back: ditolak, reject: ditolak", "does not wait"),
    ("send_back: perbaikan, reject: ditolak", "send_back: perbaikan, reject: selesai", "does not end rejected"),
    ("    on_timeout: ditutup\n", "", "can wait for ever"),
    ("    actions: {sign: terbit, return: verifikasi}\n", "    actions: {return: verifikasi}\n", "can say yes"),
    ("state: done, end: done", "state: waiting, end: done", "has that state"),
    ("auto: {issue: kia, push", "auto: {issue: kartu, push", "there is no output 'kartu'"),
    ("push: [catat_kia]", "push: [catat]", "there is no push 'catat'"),
    ("  late: {template: case_late, channels: [inbox]}\n", "", "is not told: late"),
    ("template: case_late, channels: [inbox]", 'template: case_late, channels: [sms], note: {id: "NIK {nik}", en: "x"}', "must not carry"),
    ("effort_minutes: {verifikasi: 6, ttd: 1}", "effort_minutes: {verifikasi: 6}", "earns its officer nothing"),
    ("  sensitive: [foto]", "  sensitive: [wajah]", "there is no field 'wajah'"),
    ('number: "{region}-KIA-{date}-{sequence}"', 'number: "{region}-KIA-{date}"', "two documents would have one number"),
    ("expect: {pages: [anak, penerimaan]}", "expect: {pages: [anak]}", "meets the pages"),
    ("expect: {stop: usia}", "expect: {stop: belum_kawin}", "is stopped by"),
    ('on: "2026-11-21"\n      applicant: {id: "ibu", nama: "Wulan"', 'on: "besok"\n      applicant: {id: "ibu", nama: "Wulan"', "valid date"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "message"), CHANGES, ids=[change[2] for change in CHANGES])
def test_check_definition_fault_is_refused_with_line_and_remedy(old: str, new: str, message: str) -> None:
    assert old in KIA

    with pytest.raises(DefinitionRefused) as caught:
        check_definition(KIA.replace(old, new, 1))

    fitting = [problem for problem in caught.value.problems if message in problem.message]
    assert fitting, str(caught.value)
    assert all(problem.line > 0 and problem.remedy for problem in caught.value.problems)


def test_check_definition_fault_points_at_the_line_that_has_it() -> None:
    line = KIA[: KIA.index("role: verifikator")].count("\n") + 1

    with pytest.raises(DefinitionRefused) as caught:
        check_definition(KIA.replace("role: verifikator\n", "role: penguji\n", 1))

    assert [problem.line for problem in caught.value.problems] == [line]


@pytest.mark.parametrize("path", definition_paths(), ids=lambda path: path.parent.name)
def test_definition_check_accepts_the_services_that_come_along(path: Path) -> None:
    definition = definition_check(path)

    assert definition.steps[-1].end


def test_definition_check_missing_file_is_refused_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(DefinitionRefused) as caught:
        definition_check(tmp_path / "service.yaml")

    assert "cannot be read" in caught.value.problems[0].message


def test_step_diagram_has_every_step_and_every_way() -> None:
    definition = check_definition(KIA).definition

    lines = step_diagram(definition, language="en").splitlines()

    assert lines[:2] == ["stateDiagram-v2", "    [*] --> verifikasi"]
    assert "    ttd --> terbit : sign" in lines
    assert "    perbaikan --> ditutup : timeout" in lines
    assert all(any(f"    {step.id} : {step.name.en}" == line for line in lines) for step in definition.steps)
