"""How the health platform takes in the made-up population: patients, children's vaccinations, a visit here and there."""

import sqlite3
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from zlib import crc32

import orjson

from demo.population.records import AS_OF, Household, Person, age_on

NIK_SYSTEM = "https://fhir.kemkes.go.id/id/nik"
IHS_SYSTEM = "https://fhir.kemkes.go.id/id/ihs-number"
_CVX = "http://hl7.org/fhir/sid/cvx"
_VACCINES = (
    (0, "08", "Hep B, anak"), (30, "19", "BCG"), (60, "102", "DTP-Hib-Hep B"), (90, "102", "DTP-Hib-Hep B"),
    (120, "102", "DTP-Hib-Hep B"), (120, "10", "IPV"), (270, "04", "MR"), (540, "04", "MR"),
)  # fmt: skip
"""Days after birth, CVX code, words; the national schedule in short (assumed)."""


def build(path: Path, households: Iterable[Household]) -> None:
    """Write the platform's storage."""
    with sqlite3.connect(path) as file:
        file.execute(
            "CREATE TABLE resource (type TEXT, id TEXT, nik TEXT, patient TEXT, body BLOB, PRIMARY KEY (type, id))"
        )
        file.execute("CREATE INDEX by_nik ON resource (nik) WHERE nik IS NOT NULL")
        file.execute("CREATE INDEX by_patient ON resource (type, patient)")
        for household in households:
            for person in household.everyone():
                file.executemany("INSERT OR IGNORE INTO resource VALUES (?, ?, ?, ?, ?)", _rows(person))
    file.close()


def _rows(person: Person) -> list[tuple[str, str, str | None, str | None, bytes]]:
    chance = crc32(person.nik.encode())
    patient_id = f"P{chance:011}"
    rows: list[tuple[str, str, str | None, str | None, bytes]] = [
        ("Patient", patient_id, person.nik, None, orjson.dumps(_patient(person, patient_id)))
    ]
    for number, body in enumerate(_immunizations(person, patient_id), start=1):
        rows.append(("Immunization", f"{patient_id}-{number}", None, patient_id, orjson.dumps(body)))
    if chance % 4 == 0:
        visit = _encounter(person, patient_id, AS_OF - timedelta(days=chance % 300 + 1))
        rows.append(("Encounter", str(visit["id"]), None, patient_id, orjson.dumps(visit)))
    return rows


def _patient(person: Person, patient_id: str) -> dict[str, object]:
    return {
        "resourceType": "Patient",
        "id": patient_id,
        "active": True,
        "identifier": [
            {"use": "official", "system": NIK_SYSTEM, "value": person.nik},
            {"use": "official", "system": IHS_SYSTEM, "value": patient_id},
        ],
        "name": [{"use": "official", "text": " ".join(_masked(word) for word in person.name.split())}],
        "gender": "male" if person.sex == "L" else "female",
        "birthDate": str(person.birth_on),
        "deceasedBoolean": person.died_on is not None,
        "multipleBirthInteger": 0,
    }


def _masked(word: str) -> str:
    return word if len(word) <= 2 else f"{word[:2]}{'*' * (len(word) - 2)}"


def _immunizations(person: Person, patient_id: str) -> list[dict[str, object]]:
    if age_on(person.birth_on) > 10:
        return []
    doses: dict[str, int] = {}
    found: list[dict[str, object]] = []
    for days, code, words in _VACCINES:
        day = person.birth_on + timedelta(days=days + crc32(f"{person.nik}{days}".encode()) % 10)
        if day > AS_OF or crc32(f"{person.nik}{code}{days}".encode()) % 12 == 0:
            continue
        doses[code] = doses.get(code, 0) + 1
        found.append(_immunization(patient_id, len(found) + 1, day, code, words, doses[code]))
    return found


def _immunization(
    patient_id: str, number: int, day: date, code: str, words: str, dose: int
) -> dict[str, object]:
    return {
        "resourceType": "Immunization",
        "id": f"{patient_id}-{number}",
        "status": "completed",
        "vaccineCode": {"coding": [{"system": _CVX, "code": code, "display": words}], "text": words},
        "patient": {"reference": f"Patient/{patient_id}"},
        "occurrenceDateTime": f"{day}T02:00:00+00:00",
        "primarySource": True,
        "protocolApplied": [{"doseNumberPositiveInt": dose}],
    }


def _encounter(person: Person, patient_id: str, day: date) -> dict[str, object]:
    period = {"start": f"{day}T02:00:00+00:00", "end": f"{day}T02:40:00+00:00"}
    return {
        "resourceType": "Encounter",
        "id": f"enc-{patient_id}",
        "identifier": [
            {"system": "http://sys-ids.kemkes.go.id/encounter/100000001", "value": f"REG-{patient_id}"}
        ],
        "status": "finished",
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "AMB",
            "display": "ambulatory",
        },
        "subject": {"reference": f"Patient/{patient_id}"},
        "period": period,
        "statusHistory": [{"status": "finished", "period": period}],
        "serviceProvider": {"reference": "Organization/100000001", "display": "Puskesmas Sukasari"},
    }
