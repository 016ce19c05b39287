"""What a register's answer means to us: pointers followed, words translated, people made known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from terpadu.casework.definitions.form import Read, Source
from terpadu.casework.definitions.stored import to_json


@dataclass(frozen=True)
class NamedPerson:
    """A person in a register's answer. name, birth_on, sex: None when the answer only names the NIK."""

    nik: str
    name: str | None
    birth_on: date | None
    sex: str | None


MakeKnown = Callable[[NamedPerson], UUID | None]


class Unreadable(Exception):
    """The answer does not hold what the definition reads; `where` is the name of the read."""

    def __init__(self, where: str) -> None:
        super().__init__(where)
        self.where = where


def read_answer(source: Source, body: Any, *, make_known: MakeKnown) -> dict[str, Any]:
    """Return the values of an answer as JSON, by our names; a value that is not there is left out.

    make_known: turns a NIK into a person id, None when nobody is known by it. Raises Unreadable.
    """
    return {name: _read(read, body, name, make_known) for name, read in source.reads.items()}


def value_at(body: Any, pointer: str) -> Any:
    """Return what a JSON pointer leads to (RFC 6901), None where nothing is."""
    for part in pointer.split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if isinstance(body, Mapping):
            body = body.get(key)
        elif isinstance(body, list) and key.isdigit() and int(key) < len(body):
            body = body[int(key)]
        else:
            return None
    return body


def _read(read: Read, body: Any, name: str, make_known: MakeKnown) -> Any:
    if read.type == "person":
        return _person(read, body, name, make_known)
    value = value_at(body, read.at)
    if value is None:
        return None
    if read.type == "list":
        return _rows(read, value, name, make_known)
    return _scalar(read, value, name)


def _rows(read: Read, value: Any, name: str, make_known: MakeKnown) -> list[dict[str, Any]]:
    if not isinstance(value, list):
        raise Unreadable(name)
    members = read.of or {}
    return [{key: _read(part, row, key, make_known) for key, part in members.items()} for row in value]


def _scalar(read: Read, value: Any, name: str) -> Any:
    match read.type:
        case "date":
            return to_json(_day(value, read, name))
        case "yes_no" if isinstance(value, bool):
            return value
        case "number" if isinstance(value, int) and not isinstance(value, bool):
            return value
        case "text" if isinstance(value, str | int):
            return read.values.get(str(value), str(value))
        case _:
            raise Unreadable(name)


def _day(value: Any, read: Read, name: str) -> date:
    try:
        return datetime.strptime(str(value), read.date_format).date()
    except ValueError:
        raise Unreadable(name) from None


def _person(read: Read, body: Any, name: str, make_known: MakeKnown) -> str | None:
    row = value_at(body, read.at)
    nik = value_at(row, read.nik or "")
    if nik is None:
        return None
    full = read.name is not None
    sex = str(value_at(row, read.sex or "")) if full else None
    found = make_known(
        NamedPerson(
            nik=str(nik),
            name=str(value_at(row, read.name or "")) if full else None,
            birth_on=_day(value_at(row, read.birth_on or ""), read, name) if full else None,
            sex=read.values.get(sex, sex) if sex else None,
        )
    )
    return str(found) if found else None
