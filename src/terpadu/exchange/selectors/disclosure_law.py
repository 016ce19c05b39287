"""The law about what may be kept from a person, and about the supervisor who sees it: dated data."""

from __future__ import annotations

from datetime import date
from functools import cache

import orjson
from pydantic import BaseModel, ConfigDict, Field

from terpadu.exchange.rules.disclosure import GroundRule
from terpadu.exchange.selectors.reference import read_data
from terpadu_wire.disclosures import DisclosureClass, Ground
from terpadu_wire.properties import Text


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Supervisor(_Entry):
    """Who sees what no person is shown: code of the agency, kind of the position, and the article."""

    agency: str
    position: str
    article: str
    is_assumed: bool


class LegalGround(_Entry):
    """One interest for which a law lets a reading be kept back, with the most days of each class."""

    code: str
    text: Text
    article: str
    is_assumed: bool
    longest: dict[DisclosureClass, int] = Field(min_length=1)

    @property
    def ground(self) -> Ground:
        """The ground in the form in which it is signed."""
        return Ground(self.code, self.article, self.is_assumed)


class DisclosureLaw(_Entry):
    """What holds since a day."""

    as_of: date
    supervisor: Supervisor
    grounds: tuple[LegalGround, ...]

    def rules(self) -> dict[str, GroundRule]:
        """Return what each ground allows, by its code."""
        return {one.code: GroundRule(one.ground, one.longest) for one in self.grounds}


@cache
def disclosure_law() -> DisclosureLaw:
    """Return the law as it is known here."""
    return DisclosureLaw.model_validate_json(orjson.dumps(read_data("disclosure.yaml")))
