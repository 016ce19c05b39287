"""Notices that follow from identity: sign-in, proofing, mandates, recovery, data rights. The person is always told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.utils import translation

from terpadu.directory.public import agency_get
from terpadu.identity import events
from terpadu.identity.enums import DataRequestState, DataRight, MandateEnd, ProofingMethod, SignInMethod
from terpadu.identity.public import person_get
from terpadu.messaging.services import message_send

Texts = dict[str, str]

QUIET_METHODS = {SignInMethod.DEMO.value}
"""The one-tap sign-in of the demo is no news to anybody."""

CHANGES: dict[str, Texts] = {
    "added": {"id": "ditambahkan", "en": "added"},
    "replaced": {"id": "diganti", "en": "replaced"},
    "removed": {"id": "dihapus", "en": "removed"},
}
ACTIONS: dict[str, Texts] = {
    "case_started": {"id": "memulai permohonan", "en": "began application"},
    "case_submitted": {"id": "mengirim permohonan", "en": "sent application"},
    "case_cancelled": {"id": "membatalkan permohonan", "en": "withdrew application"},
}
ANSWERED: dict[str, Texts] = {
    "share": {"id": "menunjukkan data", "en": "showing data"},
    "verify": {"id": "menunjukkan siapa Anda", "en": "showing who you are"},
    "assist": {"id": "dibantu petugas selama dua jam", "en": "being helped by an officer for two hours"},
}
LOCKS: dict[str, Texts] = {
    "locked": {
        "id": "Dua operator mengunci akun Anda untuk melindunginya; semua sesi berakhir",
        "en": "Two operators locked your account to protect it; all sessions ended",
    },
    "unlocked": {
        "id": "Dua operator membuka kembali akun Anda",
        "en": "Two operators unlocked your account",
    },
}
RECOVERY: dict[str, Texts] = {
    "opened": {
        "id": "Seorang petugas memulai pemulihan akun Anda di loket",
        "en": "An officer began to recover your account at a counter",
    },
    "approved": {
        "id": "Petugas kedua menyetujui pemulihan akun Anda; kodenya berlaku sejak",
        "en": "A second officer approved the recovery of your account; its code works from",
    },
    "used": {
        "id": "Akun Anda dibuka kembali dengan kata sandi baru; semua perangkat lain dikeluarkan",
        "en": "Your account was opened again with a new password; all other devices are signed out",
    },
    "cancelled": {"id": "Pemulihan akun Anda dihentikan", "en": "The recovery of your account was stopped"},
}


def _both(label: object) -> Texts:
    """Write a lazy label in both languages."""
    found = {}
    for lang in ("id", "en"):
        with translation.override(lang):
            found[lang] = str(label)
    return found


def _name(person_id: UUID) -> str:
    return person_get(person_id).name


def signed_in(event: events.SignedIn) -> None:
    """Tell of a sign-in from a device that was never used before."""
    if not event.is_new_device or event.method in QUIET_METHODS:
        return
    device = event.device or "?"
    _send(event.person_id, "new_device", {"device": device, "at": event.at}, key=str(event.at), link="/akun/")


def method_changed(event: events.SignInMethodChanged) -> None:
    """Tell of every change of how the person signs in."""
    words = {
        "method": _both(SignInMethod(event.method).label),
        "change": CHANGES[event.change],
        "at": event.at,
    }
    key = f"{event.method}:{event.change}:{event.at.isoformat()}"
    _send(event.person_id, "sign_in_changed", words, key=key, link="/akun/")


def proofed(event: events.PersonProofed) -> None:
    """Tell that an officer or a face match confirmed the person."""
    if event.method == ProofingMethod.REGISTRY:
        return
    how = {
        ProofingMethod.COUNTER.value: {"id": "oleh petugas di loket", "en": "by an officer at a counter"},
        ProofingMethod.FACE.value: {"id": "lewat wajah", "en": "by face"},
    }[event.method]
    words = {"how": how, "at": event.at}
    _send(event.person_id, "person_proofed", words, key=str(event.at), link="/akun/bukti-diri/")


def answered(event: events.CrossDeviceAnswered) -> None:
    """Tell what the person agreed to at a counter."""
    if event.kind not in ANSWERED:
        return
    agency = agency_get(event.agency_code).name
    words = {"agency": agency, "what": ANSWERED[event.kind], "at": event.at}
    _send(event.person_id, "shown_at_counter", words, key=str(event.request_id), link="/akun/wakil/")


def mandate_begun(event: events.MandateBegun) -> None:
    """Tell both sides that one may act for the other."""
    if event.valid_until is None:
        return
    until = event.valid_until - timedelta(minutes=1)  # midnight is the end of the day before
    key, link = str(event.mandate_id), "/akun/wakil/"
    for_you = {"name": _name(event.actor_id), "until": until}
    of_yours = {"name": _name(event.subject_id), "until": until}
    _send(event.subject_id, "mandate_for_you", for_you, key=key, link=link)
    _send(event.actor_id, "mandate_of_yours", of_yours, key=key, link=link)


def mandate_ended(event: events.MandateEnded) -> None:
    """Tell both sides that it is over, and why."""
    why = _both(MandateEnd(event.end).label)
    for person_id, other in ((event.subject_id, event.actor_id), (event.actor_id, event.subject_id)):
        words = {"name": _name(other), "why": why}
        _send(person_id, "mandate_ended", words, key=str(event.mandate_id), link="/akun/wakil/")


def acted_for(event: events.ActedFor) -> None:
    """Tell the represented person what was done in their name."""
    action = ACTIONS.get(event.action, {"id": event.action, "en": event.action})
    words = {"name": _name(event.actor_id), "action": action, "reference": event.reference or "–"}
    _send(event.subject_id, "acted_for_you", words, key=str(event.use_id), link="/akun/wakil/")


def recovery_moved(event: events.RecoveryMoved) -> None:
    """Tell of each step of a recovery, with the way to stop it."""
    words = {"what": RECOVERY[event.state], "at": event.usable_from or event.at}
    key = f"{event.recovery_id}:{event.state}"
    _send(event.person_id, "recovery_moved", words, key=key, link="/akun/pemulihan/")


def account_lock_moved(event: events.AccountLockMoved) -> None:
    """Tell that two operators locked or unlocked the account; steps in between are no news."""
    if event.state not in LOCKS:
        return
    words = {"what": LOCKS[event.state], "at": event.at}
    key = f"{event.lock_id}:{event.state}"
    _send(event.person_id, "account_lock_moved", words, key=key, link="/akun/hak-data/salinan/")


def data_request_moved(event: events.DataRequestMoved) -> None:
    """Tell that a request about one's data was received, answered, or is late."""
    key, link = f"{event.request_id}:{event.state}", "/akun/hak-data/"
    right: dict[str, object] = {"right": _both(DataRight(event.right).label)}
    if event.state == "made":
        _send(event.person_id, "data_request_made", {**right, "due_at": event.due_at}, key=key, link=link)
    elif event.state == "late":
        _send(event.person_id, "data_request_late", right, key=key, link=link)
    elif event.state != DataRequestState.CANCELLED:
        outcome = _both(DataRequestState(event.state).label)
        lower = {lang: text[:1].lower() + text[1:] for lang, text in outcome.items()}
        _send(event.person_id, "data_request_ended", {**right, "outcome": lower}, key=key, link=link)


def _send(person_id: UUID, template: str, words: Mapping[str, object], *, key: str, link: str) -> None:
    message_send(
        person_id=person_id, template=template, context=words, dedup_key=f"{template}:{key}", link=link
    )
