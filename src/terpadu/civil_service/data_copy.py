"""What the civil service holds about a person, for the copy of their data."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from terpadu.civil_service.models import Credit
from terpadu.civil_service.selectors import employee_find
from terpadu.identity.public import DataSection


def _owner(person_id: UUID) -> str:
    return "portal"


def _read(person_id: UUID) -> Any:
    employee = employee_find(person_id)
    if employee is None:
        return None
    return {
        "employee": {name: str(value) for name, value in asdict(employee).items()},
        "handled_steps": Credit.objects.filter(person_id=person_id).count(),
    }


SECTION = DataSection(
    key="civil_service",
    title={"id": "Data kepegawaian", "en": "Civil service record"},
    owner=_owner,
    purpose={
        "id": "Kinerja pegawai (UU 20/2023; PermenPANRB 6/2022)",
        "en": "Performance of civil servants (UU 20/2023; PermenPANRB 6/2022)",
    },
    read=_read,
)
