"""Issuing happens once, survives being killed anywhere, and every copy is noted."""

from __future__ import annotations

import hashlib
import io
import json
import sys
from datetime import date
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from terpadu.documents import press
from terpadu.documents.adapters import authority, inspection, signing, typesetting, vault
from terpadu.documents.enums import Standing
from terpadu.documents.errors import (
    DocumentNotAllowed,
    DocumentNotFound,
    FactsInvalid,
    FileDamaged,
    IssueConflict,
    KindUnknown,
    NotInForce,
    NumberTaken,
    SigningFailed,
    TypesettingFailed,
)
from terpadu.documents.models import Document
from terpadu.documents.public import (
    document_by_token,
    document_bytes,
    document_copies,
    document_get,
    document_list_for,
    document_list_of_case,
    document_revoke,
    kinds,
)
from terpadu.documents.rules import Inspection, SignatureFinding
from terpadu.kernel.actors import Actor
from terpadu.kernel.ids import uuid7
from terpadu.kernel.models import AuditEvent, OutboxEvent
from tests.documents.conftest import CHILD, FACTS, MOTHER, NIK, Issue

pytestmark = pytest.mark.django_db
OFFICER = Actor.officer(uuid7(), agency="disdukcapil.36.71", position="p1")
HOLDER = Actor.person(MOTHER)


@pytest.fixture(autouse=True)
def own_store(settings: Any, tmp_path: Path) -> Path:
    settings.DOCUMENTS_DIR = tmp_path / "documents"
    return tmp_path / "documents"


def attachment(pdf: bytes) -> dict[str, Any]:
    reader = PdfFileReader(io.BytesIO(pdf))
    files = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    assert files[1]["/AFRelationship"] == "/Data"
    content: dict[str, Any] = json.loads(files[1]["/EF"]["/F"].data)
    return content


def test_document_issue_keeps_one_signed_file_with_its_facts_inside(issue: Issue, own_store: Path) -> None:
    made = issue()

    pdf = document_bytes(made.id, by=HOLDER)
    assert hashlib.sha256(pdf).hexdigest() == made.sha256
    assert attachment(pdf)["facts"] == FACTS
    assert attachment(pdf)["verify_url"] == made.verify_url
    assert document_by_token(made.token) == document_get(made.id) == made
    assert document_list_for(MOTHER) == [made]
    assert document_list_of_case(made.case_id) == [made]
    assert document_list_for(CHILD) == []
    assert (made.status, made.masked_name, made.is_sample) == (Standing.VALID, "B•••• M••••••• P••••", True)


def test_document_issue_pdf_is_archival_tagged_and_loudly_a_sample(issue: Issue) -> None:
    pdf = document_bytes(issue().id, by=HOLDER)

    reader = PdfFileReader(io.BytesIO(pdf))
    xmp = reader.root["/Metadata"].data.decode()
    assert 'pdfaid:part="3" pdfaid:conformance="A" pdfuaid:part="1"' in xmp
    assert reader.root["/MarkInfo"]["/Marked"]
    assert reader.root["/Lang"] == "id"
    assert attachment(pdf)["is_sample"] is True


def test_document_issue_emits_one_event_and_one_audit_entry_without_personal_facts(issue: Issue) -> None:
    made = issue()

    event = OutboxEvent.objects.get(name="documents.document_issued")
    assert event.payload["document_id"] == str(made.id)
    assert event.payload["person_id"] == str(MOTHER)
    entry = AuditEvent.objects.get(event="documents.document_issued")
    assert NIK not in json.dumps([event.payload, entry.facts])


def test_document_issue_file_at_rest_is_sealed(issue: Issue, own_store: Path) -> None:
    issue()

    (stored,) = own_store.rglob("*.sealed")
    assert b"%PDF" not in stored.read_bytes()
    assert stored.stat().st_mode & 0o077 == 0


def test_document_issue_again_returns_the_same_document(issue: Issue, own_store: Path) -> None:
    first = issue()

    assert issue() == first
    assert Document.objects.count() == 1
    assert len(list(own_store.rglob("*.sealed"))) == 1
    assert OutboxEvent.objects.filter(name="documents.document_issued").count() == 1


def test_document_issue_same_key_for_something_else_is_refused(issue: Issue) -> None:
    issue()

    with pytest.raises(IssueConflict):
        issue(facts=FACTS | {"name": "Somebody Else"})


def test_document_issue_again_with_a_new_number_keeps_the_first(issue: Issue) -> None:
    assert issue(number="next day").number == issue(number="later").number == "next day"


def test_document_issue_with_pages_of_text_signs_where_the_text_ends(issue: Issue) -> None:
    facts = {
        "holder_name": "Sari",
        "event": "Pentas \U0001f389",
        "location": "Taman",
        "from_on": "2026-12-05",
        "to_on": "2026-12-06",
    }
    long = {"conditions": "Jaga kebersihan taman kota.\n" * 70, "organisation": "RW " * 600}

    made = issue(template="public_space_permit", kind="public_space_permit", facts=facts | long)

    reader = PdfFileReader(io.BytesIO(document_bytes(made.id, by=HOLDER)))
    assert int(reader.root["/Pages"]["/Count"]) > 1
    assert attachment(document_bytes(made.id, by=HOLDER))["facts"]["event"] == "Pentas"


def test_document_issue_same_number_twice_is_refused(issue: Issue) -> None:
    issue()

    with pytest.raises(NumberTaken):
        issue(idempotency_key="case-2:kia")


def test_document_issue_with_wrong_facts_is_refused_without_quoting_them(issue: Issue) -> None:
    with pytest.raises(FactsInvalid) as refused:
        issue(facts=FACTS | {"nik": "123"})

    assert refused.value.facts == {"kind": "kia", "faults": "nik is not of type nik"}


def test_document_issue_with_a_letter_that_no_font_has_is_refused(issue: Issue) -> None:
    with pytest.raises(TypesettingFailed) as refused:
        issue(facts=FACTS | {"name": "Bagas ꦧꦒꦱ"})

    assert refused.value.__cause__ is None
    assert not Document.objects.exists()


def test_document_issue_facts_are_text_and_never_markup(issue: Issue) -> None:
    name = '#panic("x") *Bagas* $x$ @a <b> \\ "'

    made = issue(facts=FACTS | {"name": name})

    assert attachment(document_bytes(made.id, by=HOLDER))["facts"]["name"] == name


def test_document_issue_template_and_kind_that_differ_are_refused(issue: Issue) -> None:
    with pytest.raises(KindUnknown):
        issue(kind="domicile_letter")


@pytest.mark.parametrize("by", [HOLDER, Actor.officer(uuid7(), agency="dinkes.36.71", position="p1")])
def test_document_issue_by_somebody_outside_the_agency_is_refused(issue: Issue, by: Actor) -> None:
    with pytest.raises(DocumentNotAllowed):
        issue(by=by)


def test_document_issue_signature_that_does_not_validate_is_never_kept(
    issue: Issue, own_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign = authority.TestAuthoritySigner.sign

    def careless(self: authority.TestAuthoritySigner, job: signing.SigningJob) -> bytes:
        return sign(self, job).replace(b"%PDF-1.7", b"%PDF-1.6")

    monkeypatch.setattr(authority.TestAuthoritySigner, "sign", careless)

    with pytest.raises(SigningFailed):
        issue()

    assert not Document.objects.exists()
    assert not list(own_store.rglob("*.sealed"))


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_document_issue_every_kind_with_its_required_facts_alone(issue: Issue, kind: str) -> None:
    samples = {"text": "Contoh", "nik": NIK, "date": "2026-12-05"}
    facts = {
        name: next(iter(rule.choices), samples.get(rule.type, ""))
        for name, rule in kinds()[kind].facts.items()
        if rule.required
    }

    made = issue(template=kind, kind=kind, facts=facts, valid_until=None)

    assert attachment(document_bytes(made.id, by=HOLDER))["facts"] == facts


def test_document_issue_replacing_ends_the_old_one(issue: Issue) -> None:
    old = issue()

    new = issue(number="2", idempotency_key="case-2:kia", replaces=old.id)

    assert document_get(old.id).status == Standing.REPLACED
    assert Document.objects.get(id=old.id).replaced_by_id == new.id
    with pytest.raises(NotInForce):
        issue(number="3", idempotency_key="case-3:kia", replaces=old.id)
    assert Document.objects.count() == 2


def test_document_revoke_shows_at_once_and_only_once(issue: Issue) -> None:
    made = issue()

    assert document_revoke(made.id, reason="data keliru", by=OFFICER).status == Standing.REVOKED
    assert document_by_token(made.token).status == Standing.REVOKED
    assert OutboxEvent.objects.get(name="documents.document_revoked").payload["reason"] == "data keliru"
    with pytest.raises(NotInForce):
        document_revoke(made.id, reason="lagi", by=OFFICER)


@pytest.mark.parametrize("by", [HOLDER, Actor.officer(uuid7(), agency="dinkes.36.71", position="p1")])
def test_document_revoke_by_others_is_refused(issue: Issue, by: Actor) -> None:
    with pytest.raises(DocumentNotAllowed):
        document_revoke(issue().id, reason="", by=by)


def test_document_get_unknown_is_not_found() -> None:
    with pytest.raises(DocumentNotFound):
        document_get(uuid7())
    for token in ("a" * 22, "short", "a" * 21 + "!", "../../etc/passwd"):
        with pytest.raises(DocumentNotFound):
            document_by_token(token)


def test_document_bytes_notes_each_copy(issue: Issue) -> None:
    made = issue()

    document_bytes(made.id, by=HOLDER)
    document_bytes(made.id, by=Actor.person(CHILD))
    document_bytes(made.id, by=OFFICER, reason="check")

    assert [(c.actor_kind, c.agency, c.reason) for c in document_copies(made.id)] == [
        ("officer", "disdukcapil.36.71", "check"),
        ("person", "", "download"),
        ("person", "", "download"),
    ]


@pytest.mark.parametrize(
    "by",
    [
        Actor.person(uuid7()),
        Actor.officer(uuid7(), agency="dinkes.36.71", position="p1"),
        Actor.officer(MOTHER, agency="dinkes.36.71", position="p1"),
        Actor.system("worker"),
    ],
)
def test_document_bytes_of_others_is_refused_and_not_noted(issue: Issue, by: Actor) -> None:
    made = issue()

    with pytest.raises(DocumentNotAllowed):
        document_bytes(made.id, by=by)
    assert document_copies(made.id) == []


@pytest.mark.parametrize("damage", ["missing", "altered", "swapped"])
def test_document_bytes_of_a_damaged_file_is_an_error_and_not_a_wrong_document(
    issue: Issue, own_store: Path, damage: str
) -> None:
    made = issue()
    (stored,) = own_store.rglob("*.sealed")
    if damage == "missing":
        stored.unlink()
    elif damage == "altered":
        stored.write_bytes(stored.read_bytes()[:-1] + b"\0")
    else:
        vault.write(str(stored.relative_to(own_store)), b"%PDF of somebody else")

    with pytest.raises(FileDamaged):
        document_bytes(made.id, by=HOLDER)


class Killed(BaseException):
    """Stands for a process that ends: nothing but the database and the disk outlives it."""


def killed_at(line_number: int, work: Any) -> bool:
    """Run work and kill it at the n-th line of the code that issues; return whether it got that far."""
    files = {sys.modules[m].__file__ for m in ("terpadu.documents.services", press.__name__, vault.__name__)}
    seen = 0

    def trace(frame: FrameType, event: str, arg: object) -> Any:
        nonlocal seen
        if frame.f_code.co_filename not in files:
            return None
        if event == "line":
            seen += 1
            if seen == line_number:
                raise Killed
        return trace

    sys.settrace(trace)
    try:
        work()
    except Killed:
        return True
    finally:
        sys.settrace(None)
    return False


@pytest.fixture
def quick_press(monkeypatch: pytest.MonkeyPatch) -> None:
    """Press and signature in no time: what is killed here is the code around them."""
    box = typesetting.SignatureBox(page=0, left=0, bottom=0, right=1, top=1)
    found = Inspection(True, False, (SignatureFinding(True, True, True, "", ""),))
    monkeypatch.setattr(press, "typeset", lambda *_a, **_o: typesetting.Sheet(pdf=b"%PDF", box=box))
    monkeypatch.setattr(press, "typeset_stamp", lambda stamp: b"%PDF")
    monkeypatch.setattr(
        authority.TestAuthoritySigner, "sign", lambda self, job: job.pdf + job.reference.encode()
    )
    monkeypatch.setattr(inspection, "inspect", lambda pdf, *, trust_anchor: found)


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # a killed line leaves its file open
@pytest.mark.usefixtures("quick_press")
def test_document_issue_killed_at_any_line_and_repeated_makes_exactly_one_document(
    issue: Issue, own_store: Path
) -> None:
    line = 0
    while True:
        line += 1
        order = {"idempotency_key": f"case-{line}", "number": str(line), "valid_until": date(2028, 5, 11)}
        was_killed = killed_at(line, lambda: issue(**order))  # noqa: B023 - called at once
        made = issue(**order)
        assert Document.objects.filter(idempotency_key=f"case-{line}").count() == 1
        assert len(list(own_store.rglob("*.sealed"))) == line
        assert hashlib.sha256(document_bytes(made.id, by=HOLDER)).hexdigest() == made.sha256
        if not was_killed:
            break

    assert line > 60
    assert OutboxEvent.objects.filter(name="documents.document_issued").count() == line
