"""One reason sends one message; it is read in the reader's language, and only by its reader."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from terpadu.kernel.actors import Actor
from terpadu.kernel.ids import uuid7
from terpadu.messaging.catalogue import load_template, templates
from terpadu.messaging.errors import ContextInvalid, MessageNotFound, TemplateInvalid, TemplateUnknown
from terpadu.messaging.models import Message
from terpadu.messaging.public import (
    inbox_for,
    inbox_read,
    message_get,
    message_read,
    message_send,
    unread_count,
)
from terpadu.messaging.rules import Template, context_faults, fill, template_faults

READER = UUID("01900000-0000-7000-8000-000000000001")
BY = Actor.person(READER)
SERVICE = {"id": "Kartu Identitas Anak", "en": "Child identity card"}
KEYS = {
    "account_lock_moved",
    "acted_for_you",
    "birth_recorded",
    "data_request_ended",
    "data_request_late",
    "data_request_made",
    "mandate_ended",
    "mandate_for_you",
    "mandate_of_yours",
    "new_device",
    "person_proofed",
    "position_ended",
    "position_given",
    "position_moved",
    "recovery_moved",
    "shown_at_counter",
    "sign_in_changed",
    "case_approved",
    "case_lapsed",
    "consent_asked",
    "interface_broken",
    "orphans_found",
    "agreement_waiting",
    "purpose_active",
    "purpose_held_back",
    "purpose_waiting",
    "case_late",
    "case_received",
    "case_rejected",
    "case_returned",
    "clearance_closed",
    "clearance_decided",
    "clearance_dismissed",
    "clearance_end_announced",
    "clearance_received",
    "clearance_returned",
    "clearance_task",
    "complaint_answered",
    "complaint_late",
    "complaint_overdue",
    "complaint_waiting",
    "correction_reminder",
    "document_issued",
    "maturity_agencies_handed",
    "maturity_announced",
    "maturity_answers_due",
    "maturity_appointed",
    "maturity_handed",
    "maturity_submitted",
    "maturity_tasks_due",
}
SOUND = """
key: hello
version: 1
placeholders: {who: text}
subject: {id: "Halo {who}", en: "Hello {who}"}
body: {id: "Isi", en: "Body"}
action: {id: "Buka", en: "Open"}
"""


def send(**changes: Any) -> UUID:
    order: dict[str, Any] = {
        "person_id": READER,
        "template": "case_received",
        "context": {"service": SERVICE, "case_number": "KIA-1", "due_on": date(2026, 11, 24)},
        "dedup_key": "case_received:1",
        "link": "/permohonan/1/",
    }
    return message_send(**(order | changes))


def written(folder: Path, text: str, name: str = "hello.v1.yaml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_templates_all_keys_are_there_in_both_languages() -> None:
    assert {key for key, _version in templates()} == KEYS
    assert all(set(t.subject) == set(t.body) == set(t.action) == {"id", "en"} for t in templates().values())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('en: "Body"', 'en: ""'),
        (', en: "Body"', ""),
        ("{who: text}", "{who: text, nik: text}"),
        ("{who: text}", "{who: text, child_nik: text}"),
        ("{who: text}", "{who: text, no_kk: text}"),
        ("{who: text}", "{}"),
        ("{who: text}", "{who: text, spare: text}"),
        ("{who: text}", "{who: float}"),
        ('"Isi"', '"Isi {who.__class__}"'),
        ('"Isi"', '"Isi {0}"'),
        ('"Isi"', '"Isi }"'),
        ("version: 1", "version: 0"),
        ("version: 1", "version: 2"),
        ("key: hello", "key: other"),
        ("version: 1", "version: 1\nsms: true"),
        ("key: hello", "key: [hello"),
        ('en: "Body"', 'en: "Body", jv: "Isi"'),
    ],
)
def test_load_template_faulty_file_is_refused_with_its_name(tmp_path: Path, old: str, new: str) -> None:
    assert load_template(written(tmp_path, SOUND)).key == "hello"

    with pytest.raises(TemplateInvalid) as refused:
        load_template(written(tmp_path, SOUND.replace(old, new, 1)))

    assert refused.value.facts["file"] == "hello.v1.yaml"


@settings(deadline=None)
@given(st.text(), st.text())
def test_fill_never_reads_a_value_as_a_template(who: str, other: str) -> None:
    assert fill("{who}, {who}: {other}", {"who": who, "other": other}) == f"{who}, {who}: {other}"


NOTE = Template("t", 1, {}, {}, {}, {"text": "text", "service": "texts", "count": "number", "day": "date"})
FIT = {"text": "x", "service": SERVICE, "count": 1, "day": "2026-11-21"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({}, None),
        ({"text": ""}, "text is not of type text"),
        ({"text": 7}, "text is not of type text"),
        ({"text": "NIK 3671011205230001"}, "text carries an identity number"),
        ({"text": "3671 0112 0523 0001."}, "text carries an identity number"),
        ({"text": "36710112052300011"}, None),
        ({"text": "367101120523000"}, None),
        ({"service": {"id": "a"}}, "service is not of type texts"),
        ({"service": {"id": "3671011205230001", "en": "b"}}, "service carries an identity number"),
        ({"count": True}, "count is not of type number"),
        ({"count": "1"}, "count is not of type number"),
        ({"more": "x"}, "more is unknown"),
    ],
)
def test_context_faults_names_what_does_not_fit_and_quotes_nothing(
    change: dict[str, object], fault: str | None
) -> None:
    assert context_faults(NOTE, FIT | change) == ([fault] if fault else [])


def test_context_faults_missing_value_is_named() -> None:
    assert context_faults(NOTE, {k: v for k, v in FIT.items() if k != "day"}) == ["day is missing"]


@settings(deadline=None)
@given(st.dictionaries(st.text(), st.text()))
def test_template_faults_never_breaks_on_any_texts(texts: dict[str, str]) -> None:
    assert template_faults(Template("t", 1, texts, texts, texts, {}))


@pytest.mark.django_db
def test_message_send_is_read_in_the_readers_language() -> None:
    made = send()

    with translation.override("id"):
        indonesian = message_get(made, by=BY)
    with translation.override("en"):
        english = message_get(made, by=BY)
    assert indonesian.subject == "Permohonan Kartu Identitas Anak kami terima"
    assert "paling lambat 24 November 2026" in indonesian.body
    assert english.subject == "We have received your application: Child identity card"
    assert "by 24 November 2026" in english.body
    assert (english.link, english.action) == ("/permohonan/1/", "See the progress")


@pytest.mark.django_db
def test_message_send_twice_for_one_reason_is_one_message() -> None:
    assert send() == send(context={"service": SERVICE, "case_number": "KIA-2", "due_on": "2026-12-01"})
    assert Message.objects.count() == 1
    assert send(dedup_key="other") != send()
    assert send(person_id=uuid7()) != send()


@pytest.mark.django_db
def test_message_send_in_a_transaction_that_fails_sends_nothing() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        send()
        raise ZeroDivisionError

    assert not Message.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"template": "case_forgotten"}, TemplateUnknown),
        ({"context": {}}, ContextInvalid),
        ({"context": {"service": SERVICE, "case_number": "1", "due_on": "soon"}}, ContextInvalid),
        (
            {"context": {"service": SERVICE, "case_number": "3671011205230001", "due_on": "2026-01-01"}},
            ContextInvalid,
        ),
        ({"link": "https://elsewhere.example/"}, ContextInvalid),
        ({"link": "//elsewhere.example/"}, ContextInvalid),
    ],
)
def test_message_send_that_does_not_fit_is_refused(changes: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        send(**changes)
    assert not Message.objects.exists()


@pytest.mark.django_db
def test_message_read_by_its_reader_counts_once() -> None:
    made = send()
    assert (unread_count(READER), message_get(made, by=BY).is_unread) == (1, True)

    message_read(made, by=BY)
    first = message_get(made, by=BY).read_at
    message_read(made, by=BY)

    assert message_get(made, by=BY).read_at == first
    assert unread_count(READER) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("by", [Actor.person(uuid7()), Actor.system("worker")])
def test_message_of_another_is_not_found(by: Actor) -> None:
    made = send()

    with pytest.raises(MessageNotFound):
        message_get(made, by=by)
    with pytest.raises(MessageNotFound):
        message_read(made, by=by)
    assert unread_count(READER) == 1


@pytest.mark.django_db
def test_inbox_for_is_newest_first_in_pages_of_one_query(django_assert_num_queries: Any) -> None:
    made = [send(dedup_key=str(n)) for n in range(5)]

    with django_assert_num_queries(1):
        first = inbox_for(READER, limit=3)
    rest = inbox_for(READER, before=first[-1].id, limit=3)

    assert [m.id for m in first + rest] == made[::-1]
    assert inbox_for(uuid7()) == []


@pytest.mark.django_db
def test_inbox_read_marks_only_the_own_messages() -> None:
    send(), send(dedup_key="2"), send(person_id=uuid7())

    assert inbox_read(by=BY) == 2
    assert Message.objects.filter(read_at__isnull=True).count() == 1


@pytest.mark.django_db
def test_message_get_uses_the_version_it_was_sent_with(monkeypatch: pytest.MonkeyPatch) -> None:
    made = send()
    old = templates()["case_received", 1]
    newer = Template("case_received", 2, {"id": "baru", "en": "new"}, old.body, old.action, old.placeholders)
    both = templates() | {("case_received", 2): newer}
    monkeypatch.setattr("terpadu.messaging.catalogue.templates", lambda: both)

    with translation.override("en"):
        assert message_get(made, by=BY).subject.startswith("We have received")
        assert message_get(send(dedup_key="2"), by=BY).subject == "new"


@pytest.mark.django_db
@pytest.mark.parametrize("key", sorted(KEYS))
def test_message_send_every_template_with_every_type_of_value(key: str) -> None:
    samples: dict[str, object] = {
        "text": "contoh.",
        "texts": SERVICE,
        "date": date(2026, 11, 24),
        "moment": datetime(2026, 11, 24, 3, tzinfo=UTC),
        "number": 3,
        "rupiah": 5000,
    }
    context = {name: samples[kind] for name, kind in templates()[key, 1].placeholders.items()}

    made = send(template=key, context=context)

    for language in ("id", "en"):
        with translation.override(language):
            view = message_get(made, by=BY)
            assert "{" not in view.subject + view.body + view.action
