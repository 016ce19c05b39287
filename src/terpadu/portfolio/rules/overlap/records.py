"""What the overlap rules know about one application."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlapRecord:
    """One application as the overlap rules see it; what is not known is None or empty.

    id: the record's own id in its list. name and function: texts as registered. agency_code: the owner, empty when
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
