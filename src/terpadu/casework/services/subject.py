"""Making a person known whom only the applicant named, once an officer has seen the papers."""

from __future__ import annotations

from datetime import date

from terpadu.casework.dossier import Dossier
from terpadu.casework.errors import SubjectUnclear
from terpadu.identity import public as identity
from terpadu.kernel.actors import Actor
from terpadu.kernel.clock import today
from terpadu.kernel.crypto import unseal


def subject_establish(dossier: Dossier, *, by: Actor) -> None:
    """Set the person of a case from what was declared, when no register named them. Raises SubjectUnclear.

    The officer who approves vouches for it: a NIK that an applicant typed makes nobody known before.
    """
    from lokal import parse_nik  # here, not above: it takes 0.4 s

    declared = dossier.definition.subject.declared_by
    if dossier.subject_id is not None or declared is None:
        return
    entry = dossier.sheet.answers.get(declared)
    if not entry:
        raise SubjectUnclear(reason="missing")
    sealed = bytes.fromhex(entry["value"]["sealed"])
    nik = unseal(sealed, context=f"casework.nik:{dossier.case.id}").decode()
    facts = dossier.values["subject"]
    parsed = parse_nik(nik, reference_date=today())
    name, born = facts.get("nama"), facts.get("tgl_lahir")
    if not parsed.valid or not name or not isinstance(born, date):
        raise SubjectUnclear(reason="incomplete")
    dossier.case.subject_person_id = identity.person_ensure(
        nik=nik, name=str(name), birth_on=born, sex=str(parsed.gender), by=by
    )
