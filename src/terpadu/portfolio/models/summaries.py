"""What the dashboards show, counted beforehand: a page never adds up 27,000 records while somebody waits."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from terpadu.kernel.privacy import Privacy


class Summary(models.Model):
    """The figures of one agency, or of the whole country (agency_code ""), as of a moment that the page shows.

    facts: public figures. internal: figures for the owner and the national team alone.
    """

    agency_code = models.CharField(max_length=60, primary_key=True, blank=True)
    facts = models.JSONField()
    internal = models.JSONField()
    as_of = models.DateTimeField()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        "agency_code": Privacy.PUBLIC,
        "facts": Privacy.PUBLIC,
        "internal": Privacy.INTERNAL,
        "as_of": Privacy.PUBLIC,
    }

    def __str__(self) -> str:
        return self.agency_code or "national"
