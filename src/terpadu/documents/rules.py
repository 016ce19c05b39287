"""Rules of documents: what facts a kind takes, what holds of a document today, what an uploaded file is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from terpadu.documents.enums import Standing, Status, Verdict

TOKEN_BYTES = 16
TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")
_TOKEN_IN_FILE = re.compile(rb"/v/([A-Za-z0-9_-]{22})")

LONGEST_TEXT = 2000
_DRAWINGS = re.compile(
    "[\U0001f000-\U0010ffff\u200d\ufe0f]"
)  # emoji and what joins them: in no document font

FactType = Literal["text", "nik", "date", "choice"]


@dataclass(frozen=True)
class SignerView:
    """The officer whose name a document bears. title: of the position. nip: 18 digits, or "" for none."""

    name: str
    title: str
    nip: str = ""


@dataclass(frozen=True)
class FactRule:
    """What one fact of a kind must be. label: its name by language. choices: allowed value -> words by language."""

    type: FactType
    label: Mapping[str, str]
    required: bool
    choices: Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Kind:
    """A kind of document. name_fact: the fact whose masked value the verification page shows. basis: the law."""

    kind: str
    version: int
    title: Mapping[str, str]
    basis: str
    template: str
    name_fact: str
    facts: Mapping[str, FactRule]


def tidy_facts(facts: Mapping[str, object]) -> dict[str, object]:
    """Return facts as a document prints them: one space between words, no emoji, nothing that is empty."""
    tidy = {
        name: " ".join(_DRAWINGS.sub("", value).split()) if isinstance(value, str) else value
        for name, value in facts.items()
    }
    return {name: value for name, value in tidy.items() if value not in ("", None)}


def fact_faults(kind: Kind, facts: Mapping[str, object]) -> list[str]:
    """Return why facts do not fit a kind, by name; values are never quoted, because they are personal."""
    faults = [f"{name} is unknown" for name in sorted(set(facts) - set(kind.facts))]
    for name, rule in kind.facts.items():
        value = facts.get(name, "")
        if value in ("", None):
            faults += [f"{name} is missing"] if rule.required else []
        elif not isinstance(value, str) or not _fits(rule, value):
            faults.append(f"{name} is not of type {rule.type}")
    return faults


def _fits(rule: FactRule, value: str) -> bool:
    if rule.type == "date":
        return _is_day(value)
    if rule.type == "nik":
        return re.fullmatch(r"[0-9]{16}", value) is not None
    if rule.type == "choice":
        return value in rule.choices
    return len(value) <= LONGEST_TEXT and value.isprintable()


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def standing_of(status: Status, *, valid_until: date | None, on: date) -> Standing:
    """Tell what holds of a document on a day; `valid_until` is the last day on which it is valid, None for ever."""
    if status == Status.VALID and valid_until is not None and on > valid_until:
        return Standing.EXPIRED
    return Standing(status.value)


def tokens_in(content: bytes) -> set[str]:
    """Return every verification token that stands in clear text in a file, also in a broken one."""
    return {match[1].decode() for match in _TOKEN_IN_FILE.finditer(content)}


@dataclass(frozen=True)
class SignatureFinding:
    """What a look at one signature of a file found.

    is_ours: its certificate comes from our authority. is_sound: it is intact, trusted and time-stamped.
    covers_file: nothing in the file lies outside it. signed_at: ISO moment, "" when unknown.
    """

    is_ours: bool
    is_sound: bool
    covers_file: bool
    signer_name: str
    signed_at: str


@dataclass(frozen=True)
class Inspection:
    """What a look into a file found; `is_readable` is False for anything that is not a whole PDF."""

    is_readable: bool
    is_encrypted: bool
    signatures: tuple[SignatureFinding, ...]


UNREADABLE = Inspection(is_readable=False, is_encrypted=False, signatures=())


def decide_verdict(inspection: Inspection, *, is_registered: bool, names_ours: bool) -> Verdict:
    """Judge an uploaded file.

    is_registered: a document with exactly these bytes was issued. names_ours: the file names, anywhere in its bytes,
    the token of a document that was issued.
    Our own bytes are unchanged only if the signature also says so. Other bytes that name one of our documents, or
    bear a broken signature of ours, come from a document that was changed, whatever else they are.
    """
    is_sound = any(s.is_ours and s.is_sound and s.covers_file for s in inspection.signatures)
    if is_registered:
        return Verdict.UNCHANGED if is_sound else Verdict.CHANGED
    if names_ours or any(s.is_ours and not (s.is_sound and s.covers_file) for s in inspection.signatures):
        return Verdict.CHANGED
    if is_sound:
        return Verdict.UNREGISTERED
    return _verdict_of_stranger(inspection)


def _verdict_of_stranger(inspection: Inspection) -> Verdict:
    if inspection.is_encrypted:
        return Verdict.ENCRYPTED
    if not inspection.is_readable:
        return Verdict.UNREADABLE
    return Verdict.FOREIGN if inspection.signatures else Verdict.UNSIGNED
