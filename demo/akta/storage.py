"""The service's own storage: `akta.csv`, one line per deed, and `akta.index`, sorted by the child's NIK.

The index is two arrays of unsigned 64-bit numbers in the machine's byte order: all NIK ascending, then
the offset in the CSV file of each. A deed is found by bisection without reading either file as a whole.
"""

import csv
import io
import json
import mmap
import shutil
from array import array
from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path

VERSION = 1
FIELDS = (
    "nomor_akta",
    "tanggal_terbit",
    "nik_anak",
    "nama_anak",
    "jenis_kelamin",
    "tempat_lahir",
    "tanggal_lahir",
    "pukul_lahir",
    "anak_ke",
    "berat_gram",
    "panjang_cm",
    "penolong_kelahiran",
    "nik_ibu",
    "nama_ibu",
    "nik_ayah",
    "nama_ayah",
    "catatan_pinggir",
)
_NUMBERS = frozenset({"anak_ke", "berat_gram", "panjang_cm"})
_OFFSET_BITS = 40

Deed = dict[str, str | int | None]


def build(folder: Path, deeds: Iterable[Deed], *, size: int, seed: int) -> None:
    """Write a new register; the folder appears under its name only when it is complete."""
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    keys = _write_deeds(unfinished / "akta.csv", deeds)
    keys.sort()
    with (unfinished / "akta.index").open("wb") as index:
        array("Q", (key >> _OFFSET_BITS for key in keys)).tofile(index)
        array("Q", (key & ((1 << _OFFSET_BITS) - 1) for key in keys)).tofile(index)
    notes = {"versi": VERSION, "ukuran": size, "benih": seed}
    (unfinished / "register.json").write_text(json.dumps(notes), encoding="ascii")
    unfinished.rename(folder)


def holds(folder: Path, *, size: int, seed: int) -> bool:
    """Return whether a register was built in this version from that population."""
    notes = json.loads((folder / "register.json").read_text(encoding="ascii"))
    return bool(notes == {"versi": VERSION, "ukuran": size, "benih": seed})


class Register:
    """The open register of birth deeds."""

    def __init__(self, folder: Path) -> None:
        """Open the files that `build` made; they are mapped, not read."""
        self._deeds = _mapped(folder / "akta.csv")
        numbers = memoryview(_mapped(folder / "akta.index")).cast("Q")
        half = len(numbers) // 2
        self._niks, self._offsets = numbers[:half], numbers[half:]

    def deed(self, nik: str) -> Deed | None:
        """Return the birth deed of a child by NIK, or None when this office issued none."""
        place = bisect_left(self._niks, int(nik))
        if place == len(self._niks) or self._niks[place] != int(nik):
            return None
        return self._read(self._offsets[place])

    def somebody_else(self, nik: str) -> str:
        """Return the NIK of a child with a deed other than `nik`, always the same one."""
        place = bisect_left(self._niks, int(nik) + 1)
        return f"{self._niks[place % len(self._niks)]:016}"

    def _read(self, offset: int) -> Deed:
        line = self._deeds[offset : self._deeds.find(b"\n", offset)].decode()
        texts = next(csv.reader([line]))
        return {name: _value(name, text) for name, text in zip(FIELDS, texts, strict=True)}


def _write_deeds(path: Path, deeds: Iterable[Deed]) -> list[int]:
    """Append every deed to the file and return `NIK << 40 | offset` of each."""
    keys: list[int] = []
    with path.open("wb") as file:
        offset = file.write((",".join(FIELDS) + "\n").encode())
        for deed in deeds:
            keys.append(int(str(deed["nik_anak"])) << _OFFSET_BITS | offset)
            offset += file.write(_line(deed))
    return keys


def _line(deed: Deed) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(
        "" if deed[name] is None else deed[name] for name in FIELDS
    )
    return text.getvalue().encode()


def _value(name: str, text: str) -> str | int | None:
    if name in _NUMBERS:
        return int(text)
    return text or None


def _mapped(path: Path) -> mmap.mmap:
    with path.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
