"""What the overlap rules know about one application."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapRecord:
    """One application as the overlap rules see it; what is not known is None or empty.

    id: the record's own id in its list. name: as registered. function: what it does, see `function_text`. agency_code: the owner, empty when
    unknown. region_code: the owner's region (Kemendagri code), None for a central agency. raa, rab, ral: codes of the
    reference architecture (Perpres 132/2022), such as "RAB.09.06.03". host: the public host or address, such as
    "simpeg.contoh.go.id". store_id: the id in an application store, such as "id.go.contoh.simpeg". users: groups of users.
    data_topics: RAD codes or names of the data used. klass: "umum", "khusus" or empty.
    """

    id: str
    name: str
    function: str
    agency_code: str = ""
    region_code: str | None = None
    raa: tuple[str, ...] = ()
    rab: tuple[str, ...] = ()
    ral: tuple[str, ...] = ()
    host: str | None = None
    store_id: str | None = None
    users: tuple[str, ...] = ()
    data_topics: tuple[str, ...] = ()
    klass: str = ""


def function_text(
    function: str, *, description: str = "", services: Sequence[str] = (), data_used: Sequence[str] = ()
) -> str:
    """Return what an application does, in its agency's words: its function, else its description, else the services that it
    supports and the data that it uses (attributes 4, 3, 6 and 7 of the national metadata).
    """
    said = next((text for text in (function, description) if text.strip(" -")), "")
    return said or "; ".join((*services, *data_used))
