"""What all parts of a definition are made of: bilingual texts, identifiers, rules, strictness."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

Identifier = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
ServiceId = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$", max_length=80)]
RuleText = Annotated[StrictStr, Field(min_length=1, max_length=500)]
Pointer = Annotated[StrictStr, Field(pattern=r"^(/[^/]+)*$", max_length=120)]
Days = Annotated[StrictInt, Field(ge=1, le=365)]
Language = Literal["id", "en"]


class Strict(BaseModel):
    """Base of all parts: unknown words are refused, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Strict):
    """A text in both languages of the interface."""

    id: Annotated[StrictStr, Field(min_length=1, max_length=2000)]
    en: Annotated[StrictStr, Field(min_length=1, max_length=2000)]

    def as_dict(self) -> dict[str, str]:
        """Return {"id": …, "en": …} for templates and events."""
        return {"id": self.id, "en": self.en}


class Duration(Strict):
    """A time limit: working days of the office, or calendar days for the applicant."""

    working_days: Days | None = None
    days: Days | None = None
