"""Births that the office records itself, in the service's own SQLite file; the world is told of each, sooner or later."""

import json
import re
import sqlite3
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from demo.akta.storage import FIELDS, Deed

SOURCE = "urn:terpadu:00000002:peristiwa"
TYPE = "id.demo.kelahiran.tercatat.v1"
ASKED = (
    "nik_anak",
    "nama_anak",
    "jenis_kelamin",
    "tempat_lahir",
    "tanggal_lahir",
    "nik_ibu",
    "nama_ibu",
    "nik_ayah",
    "nama_ayah",
)
_NIK = re.compile(r"[0-9]{16}")
_AGAIN_SECONDS = 1.0
_TABLE = """CREATE TABLE IF NOT EXISTS kelahiran (
  nomor INTEGER PRIMARY KEY, peristiwa TEXT UNIQUE, nik_anak TEXT UNIQUE, akta TEXT, diberitahukan INTEGER DEFAULT 0)"""


class Births:
    """The births of one office.

    Args:
        path: the SQLite file.
        notices: address that takes notices, None to tell nobody.
        key: file of the key for it.
    """

    def __init__(self, path: Path, *, notices: str | None, key: Path | None) -> None:
        """Open the file; a thread tells of what nobody was told of yet."""
        self._path = path
        self._lock = threading.Lock()
        self._fresh = threading.Event()
        with self._open() as file:
            file.execute(_TABLE)
        if notices and key:
            threading.Thread(target=self._tell, args=(notices, key), daemon=True).start()

    def record(self, asked: dict[str, str]) -> tuple[str, Deed]:
        """Record a birth; return the id of its event and the deed. The same child again gives the same."""
        with self._lock, self._open() as file:
            known = file.execute(
                "SELECT peristiwa, akta FROM kelahiran WHERE nik_anak = ?", (asked["nik_anak"],)
            )
            row = known.fetchone()
            if row:
                return row[0], json.loads(row[1])
            number = file.execute("SELECT COUNT(*) FROM kelahiran").fetchone()[0] + 1
            event, deed = str(uuid4()), _deed(asked, number)
            file.execute(
                "INSERT INTO kelahiran (nomor, peristiwa, nik_anak, akta) VALUES (?, ?, ?, ?)",
                (number, event, asked["nik_anak"], json.dumps(deed)),
            )
        self._fresh.set()
        return event, deed

    def by_child(self, nik: str) -> Deed | None:
        """Return the deed of a child that was recorded here."""
        return self._find("nik_anak", nik)

    def by_event(self, event: str) -> Deed | None:
        """Return the deed that an event is about."""
        return self._find("peristiwa", event)

    def _find(self, column: str, value: str) -> Deed | None:
        with self._open() as file:
            query = f"SELECT akta FROM kelahiran WHERE {column} = ?"  # noqa: S608 - one of two names above
            row = file.execute(query, (value,)).fetchone()
        return json.loads(row[0]) if row else None

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, isolation_level="IMMEDIATE")

    def _tell(self, url: str, key: Path) -> None:
        """Tell of births for ever, in their order; what could not be told is told again."""
        while True:
            with self._open() as file:
                query = "SELECT nomor, peristiwa, nik_anak FROM kelahiran WHERE NOT diberitahukan ORDER BY nomor LIMIT 1"
                row = file.execute(query).fetchone()
            if row and _notify(url, key, event=row[1], nik=row[2]):
                with self._lock, self._open() as file:
                    file.execute("UPDATE kelahiran SET diberitahukan = 1 WHERE nomor = ?", (row[0],))
                continue
            self._fresh.wait(_AGAIN_SECONDS)
            self._fresh.clear()


def fault_of(asked: object) -> str:
    """Return what is wrong with the facts of a birth, "" for nothing."""
    if not isinstance(asked, dict) or set(asked) != set(ASKED):
        return "isi_salah"
    if not all(isinstance(value, str) and value for value in asked.values()):
        return "isi_salah"
    niks = (asked["nik_anak"], asked["nik_ibu"], asked["nik_ayah"])
    return "" if all(_NIK.fullmatch(nik) for nik in niks) else "nik_salah"


def _deed(asked: dict[str, str], number: int) -> Deed:
    today = datetime.now(UTC).date()
    rest: Deed = {
        "nomor_akta": f"3671-LU-{today:%d%m%Y}-{9000 + number}",
        "tanggal_terbit": today.isoformat(),
        "pukul_lahir": "06:00",
        "anak_ke": 1,
        "berat_gram": 3100,
        "panjang_cm": 49,
        "penolong_kelahiran": "bidan",
        "catatan_pinggir": None,
    }
    found = rest | asked
    return {name: found[name] for name in FIELDS}


def _notify(url: str, key: Path, *, event: str, nik: str) -> bool:
    """Tell of a birth by a CloudEvent; say whether it was taken."""
    notice = {"specversion": "1.0", "id": event, "source": SOURCE, "type": TYPE, "subject": nik}
    headers = {"Content-Type": "application/cloudevents+json"}
    try:
        headers["Authorization"] = f"Bearer {key.read_text().strip()}"
        request = urllib.request.Request(url, json.dumps(notice).encode(), headers)  # noqa: S310 - the operator's own
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == 202)
    except (OSError, urllib.error.URLError):
        return False
