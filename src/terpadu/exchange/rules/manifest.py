"""The exchange as files: agencies, interfaces, purposes and agreements as plain data, and what differs. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Kind = Literal["agency", "interface", "purpose", "contract"]
Action = Literal["add", "change", "unmanaged"]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AgencyEntry(_Entry):
    """An agency of the directory that has joined the exchange."""

    code: Annotated[str, Field(max_length=60)]
    peer_id: Annotated[str, Field(max_length=20)]
    name: str
    name_en: str = ""
    short_name: str
    kind: str
    region_code: str = ""

    @property
    def key(self) -> str:
        """What names it among agencies."""
        return self.code


class InterfaceEntry(_Entry):
    """An interface. openapi: file of its document beside this one; sha256: of that document.

    base_url, header_name, credential_file, sign_in: how the gateway reaches the system; door: host, kind and settings
    of the door where there is one. Secrets are files of the machine that are named here, never their content.
    """

    agency: str
    name: str
    openapi: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,200}\.json$")]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    base_url: str = ""
    header_name: str = ""
    credential_file: str = ""
    sign_in: dict[str, str] = Field(default_factory=dict)
    door: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        """What names it among interfaces."""
        return f"{self.agency}/{self.name}"


class BasisEntry(_Entry):
    """The norm that a purpose stands on; members as `terpadu_wire.purposes.LegalBasis` has them."""

    kind: Literal["law", "consent", "contract", "vital_interest", "public_task", "legitimate_interest"]
    article: Annotated[str, Field(min_length=1, max_length=2000)]
    is_assumed: bool = False


class TextEntry(_Entry):
    """Words in both languages of the interface."""

    id: str
    en: str


class PurposeEntry(_Entry):
    """A purpose in the words of its agency. not_before, not_after: in UTC. disclosure: as it is signed, {} for at once."""

    consumer: str
    provider: str
    code: str
    services: tuple[str, ...]
    text: TextEntry
    legal_basis: BasisEntry
    data_items: tuple[str, ...]
    retention: str
    risk: dict[str, str]
    expected_calls: int
    not_before: datetime
    not_after: datetime
    disclosure: dict[str, JsonValue] = Field(default_factory=dict)

    @property
    def key(self) -> str:
        """What names it among purposes."""
        return f"{self.consumer} {self.provider} {self.code}"


class GrantEntry(_Entry):
    """A right to read. consumer: whose gateway calls; reader: in whose name. properties: its rules, without what follows
    from the interface and the purpose of this installation."""

    consumer: str
    reader: str
    provider: str
    service: str
    purpose: str
    properties: dict[str, JsonValue]

    @property
    def key(self) -> str:
        """What names it among rights."""
        return f"{self.reader} {self.consumer} {self.provider}/{self.service} {self.purpose}"


class ContractEntry(_Entry):
    """An agreement, named by the rights that it gives."""

    not_before: datetime
    not_after: datetime
    grants: Annotated[tuple[GrantEntry, ...], Field(min_length=1)]

    @property
    def key(self) -> str:
        """What names it among agreements."""
        return ", ".join(grant.key for grant in self.grants)


Entry = AgencyEntry | InterfaceEntry | PurposeEntry | ContractEntry


class Manifest(_Entry):
    """Everything that is kept as files, each list in the order of its keys."""

    agencies: tuple[AgencyEntry, ...] = ()
    interfaces: tuple[InterfaceEntry, ...] = ()
    purposes: tuple[PurposeEntry, ...] = ()
    contracts: tuple[ContractEntry, ...] = ()

    def parts(self) -> tuple[tuple[Kind, Sequence[Entry]], ...]:
        """Return the lists with their kind, in the order in which they build on each other."""
        return (
            ("agency", self.agencies),
            ("interface", self.interfaces),
            ("purpose", self.purposes),
            ("contract", self.contracts),
        )


@dataclass(frozen=True)
class Change:
    """One difference. members: (path, as it is, as the files want it) of what changes, empty for new ones.

    action: "unmanaged" is on the platform and not in the files; it is told and left alone.
    """

    kind: Kind
    key: str
    action: Action
    members: tuple[tuple[str, JsonValue, JsonValue], ...] = ()


def changes_between(here: Manifest, wanted: Manifest) -> list[Change]:
    """Return what would have to change for the platform to be as the files want it, in the order of doing it.

    Raises ValueError when the files name something twice.
    """
    found = []
    for (kind, ours), (_, theirs) in zip(here.parts(), wanted.parts(), strict=True):
        have, want = _by_key(ours), _by_key(theirs)
        if len(want) < len(theirs):
            raise ValueError(f"{kind}: something is named twice")
        found += [_change(kind, key, have.get(key), entry) for key, entry in want.items()]
        found += [Change(kind, key, "unmanaged") for key in have.keys() - want.keys()]
    known = [one for one in found if one is not None]
    known += _to_renew(wanted.contracts, known)
    return sorted(known, key=lambda one: (one.action == "unmanaged", *_order(one)))


def _to_renew(contracts: Sequence[ContractEntry], known: Sequence[Change]) -> list[Change]:
    """Return the agreements that stand on a purpose that is replaced, and would be refused without a new one."""
    replaced = {one.key for one in known if one.kind == "purpose" and one.action == "change"}
    listed = {one.key for one in known if one.kind == "contract"}
    return [
        Change("contract", entry.key, "change", (("purpose", "replaced", "new"),))
        for entry in contracts
        if entry.key not in listed
        and any(f"{one.reader} {one.provider} {one.purpose}" in replaced for one in entry.grants)
    ]


def _order(change: Change) -> tuple[int, str]:
    return (("agency", "interface", "purpose", "contract").index(change.kind), change.key)


def _change(kind: Kind, key: str, have: Entry | None, want: Entry) -> Change | None:
    if have is None:
        return Change(kind, key, "add")
    members = tuple(_members("", have.model_dump(mode="json"), want.model_dump(mode="json")))
    return Change(kind, key, "change", members) if members else None


def _by_key(entries: Iterable[Entry]) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for entry in entries:
        found.setdefault(entry.key, entry)
    return found


def _members(path: str, have: JsonValue, want: JsonValue) -> Iterable[tuple[str, JsonValue, JsonValue]]:
    """Yield the places at which two values differ, as deep as both are objects."""
    if have == want:
        return
    if isinstance(have, Mapping) and isinstance(want, Mapping):
        for name in sorted(have.keys() | want.keys()):
            yield from _members(f"{path}.{name}".lstrip("."), have.get(name), want.get(name))
        return
    yield path, have, want
