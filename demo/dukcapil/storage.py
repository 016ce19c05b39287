"""The registry's own storage: one SQLite file with tables as such a system has them."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from typing import Any

WIB = timezone(timedelta(hours=7))
"""Western Indonesian Time, the zone of the registry's office."""

SCHEMA = """
CREATE TABLE keluarga (
  no_kk TEXT PRIMARY KEY, tanggal_terbit TEXT NOT NULL, alamat TEXT NOT NULL, rt TEXT NOT NULL,
  rw TEXT NOT NULL, kode_wilayah TEXT NOT NULL, kelurahan TEXT NOT NULL, kecamatan TEXT NOT NULL,
  kabupaten_kota TEXT NOT NULL, provinsi TEXT NOT NULL, kode_pos TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE penduduk (
  nik TEXT PRIMARY KEY, no_kk TEXT NOT NULL, urutan INTEGER NOT NULL, nama_lengkap TEXT NOT NULL,
  jenis_kelamin TEXT NOT NULL, tempat_lahir TEXT NOT NULL, tanggal_lahir TEXT NOT NULL, agama TEXT NOT NULL,
  pendidikan TEXT NOT NULL, jenis_pekerjaan TEXT NOT NULL, golongan_darah TEXT NOT NULL,
  status_kawin TEXT NOT NULL, tanggal_kawin TEXT, shdk TEXT NOT NULL, kewarganegaraan TEXT NOT NULL,
  nik_ayah TEXT, nama_ayah TEXT, nik_ibu TEXT, nama_ibu TEXT NOT NULL, nik_wali TEXT, telepon TEXT,
  no_akta_lahir TEXT, status_hidup TEXT NOT NULL, tanggal_meninggal TEXT) WITHOUT ROWID;
CREATE TABLE kia (
  nomor_kia TEXT PRIMARY KEY, nik TEXT NOT NULL, berlaku_hingga TEXT NOT NULL, dicatat_pada TEXT NOT NULL,
  diganti INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;
CREATE TABLE keterangan (kunci TEXT PRIMARY KEY, nilai TEXT NOT NULL) WITHOUT ROWID;
"""
INDEXES = """
CREATE INDEX penduduk_no_kk ON penduduk (no_kk, urutan);
CREATE INDEX kia_nik ON kia (nik) WHERE diganti = 0;
"""
VERSION = "1"

Row = dict[str, Any]
Card = tuple[tuple[Any, ...], list[tuple[Any, ...]], list[tuple[Any, ...]]]
"""Rows of one family card: for `keluarga`, for `penduduk`, for `kia`."""


def build(path: Path, cards: Iterable[Card], *, notes: dict[str, str]) -> None:
    """Write a new storage file; it appears under its name only when it is complete.

    Args:
        path: the file to make.
        cards: rows by family card, streamed.
        notes: what the storage says about itself, such as size and seed.
    """
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    database = sqlite3.connect(unfinished)
    database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" + SCHEMA)
    rest = iter(cards)
    while batch := list(islice(rest, 2_000)):
        _insert(database, "keluarga", (card for card, _, _ in batch))
        _insert(database, "penduduk", (row for _, rows, _ in batch for row in rows))
        _insert(database, "kia", (row for _, _, rows in batch for row in rows))
    database.executescript(INDEXES)
    _insert(database, "keterangan", {**notes, "versi": VERSION}.items())
    database.commit()
    database.close()
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    for leftover in ("-wal", "-shm"):
        path.with_name(path.name + leftover).unlink(missing_ok=True)
    unfinished.rename(path)


def notes_of(path: Path) -> dict[str, str]:
    """Return what a storage file says about itself."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    notes = dict(database.execute("SELECT kunci, nilai FROM keterangan"))
    database.close()
    return notes


class Storage:
    """The open storage file; each read finds its rows by one index."""

    def __init__(self, path: Path) -> None:
        """Open the file that `build` made."""
        self._database = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._database.row_factory = _as_dict
        self._database.execute("PRAGMA journal_mode = WAL")

    def person(self, nik: str) -> Row | None:
        """Return the row of a person, alive or dead."""
        return self._one("SELECT * FROM penduduk WHERE nik = ?", nik)

    def card(self, no_kk: str) -> Row | None:
        """Return the row of a family card."""
        return self._one("SELECT * FROM keluarga WHERE no_kk = ?", no_kk)

    def members(self, no_kk: str) -> list[Row]:
        """Return the living members of a family card in its order, each with the KIA last recorded."""
        return self._database.execute(
            "SELECT p.*, k.nomor_kia, k.berlaku_hingga AS kia_berlaku_hingga FROM penduduk p "
            "LEFT JOIN kia k ON k.nik = p.nik AND k.diganti = 0 "
            "WHERE p.no_kk = ? AND p.status_hidup = 'HIDUP' ORDER BY p.urutan",
            (no_kk,),
        ).fetchall()

    def somebody_else(self, nik: str) -> str:
        """Return the NIK of a living person other than `nik`, always the same one."""
        query = "SELECT nik FROM penduduk WHERE nik {} ? AND status_hidup = 'HIDUP' ORDER BY nik LIMIT 1"
        found = self._one(query.format(">"), nik) or self._one(query.format("<"), nik)
        return str(found["nik"]) if found else nik

    def kia(self, nomor_kia: str) -> Row | None:
        """Return the row of a child identity card by its number."""
        return self._one("SELECT * FROM kia WHERE nomor_kia = ?", nomor_kia)

    def record_kia(self, nomor_kia: str, *, nik: str, valid_until: date, at: datetime) -> None:
        """Record a child identity card; the child's earlier cards count as replaced."""
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute("UPDATE kia SET diganti = 1 WHERE nik = ? AND diganti = 0", (nik,))
        self._database.execute(
            "INSERT INTO kia (nomor_kia, nik, berlaku_hingga, dicatat_pada) VALUES (?, ?, ?, ?)",
            (nomor_kia, nik, day_text(valid_until), f"{at:%d-%m-%Y %H:%M:%S}"),
        )
        self._database.execute("COMMIT")

    def _one(self, query: str, *values: str) -> Row | None:
        row: Row | None = self._database.execute(query, values).fetchone()
        return row


def day_text(day: date) -> str:
    """Return a date the way this registry writes it: DD-MM-YYYY."""
    return f"{day.day:02}-{day.month:02}-{day.year}"


def day_of(text: str) -> date:
    """Return the date of a text DD-MM-YYYY.

    Raises:
        ValueError: the text is no such date.
    """
    return date(int(text[6:]), int(text[3:5]), int(text[:2]))


def _insert(database: sqlite3.Connection, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    rest: Iterator[tuple[Any, ...]] = iter(rows)
    first = next(rest, None)
    if first is None:
        return
    statement = f"INSERT INTO {table} VALUES ({', '.join('?' * len(first))})"  # noqa: S608 (own table names)
    database.execute(statement, first)
    database.executemany(statement, rest)


def _as_dict(cursor: sqlite3.Cursor, row: tuple[Any, ...]) -> Row:
    return {column[0]: value for column, value in zip(cursor.description, row, strict=True)}
