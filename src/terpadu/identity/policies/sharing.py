"""Whether data about a person may be given to others on the ground of consent: not while they have had its use limited."""

from __future__ import annotations

from uuid import UUID

from terpadu.identity.errors import ProcessingLimited
from terpadu.identity.selectors.rights import restrictions_of

PARTICULARS = "particulars"
"""The body of data that a sharing is about, whoever holds it: who somebody is (`services.data_copy`)."""


def is_sharing_limited(person_id: UUID) -> bool:
    """Tell whether a person has had the use of their particulars limited (UU 27/2022 arts. 11, 41). One query."""
    return PARTICULARS in restrictions_of(person_id)


def check_sharing(person_id: UUID) -> None:
    """Raise ProcessingLimited when nothing about a person may be shared by consent now. One query."""
    if is_sharing_limited(person_id):
        raise ProcessingLimited()
