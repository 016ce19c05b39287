"""The inventory record of an application, its costs and the history of its changes."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.functions import Now, Upper

from terpadu.kernel.clock import now
from terpadu.kernel.ids import uuid7
from terpadu.kernel.privacy import Privacy
from terpadu.portfolio.enums import (
    ApplicationClass,
    ChangeSource,
    CostKind,
    Criticality,
    Funding,
    Hosting,
    LicenceKind,
    LifeState,
    SecurityCategory,
)

SEARCH_CONFIG = "simple"
"""Words as they are: their Indonesian stems come beside them, made by the one stemmer that all of the portfolio uses."""


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Applications, found by what they are."""

    def alive(self) -> ApplicationQuerySet:
        """Keep those that have not ended."""
        return self.exclude(state=LifeState.ENDED)

    def of_agency(self, code: str) -> ApplicationQuerySet:
        """Keep those that an agency owns."""
        return self.filter(agency__code=code)


def texts(length: int = 200) -> ArrayField[list[str], list[str]]:
    """Return a field for a list of short texts, empty unless given."""
    return ArrayField(models.CharField(max_length=length), default=list, blank=True)


class Application(models.Model):
    """One application of government: the 17 attributes of the national metadata and what they lack.

    code: the platform's identifier, such as "APL-000123" (attribute 1). local_id: the agency's own identifier.
    reference: codes of the national architecture (attribute 5), those of RAB, RAL, RAD and RAA apart.
    related: identifiers of related metadata (attribute 17). hosts, store_ids: where the public meets it.
    interfaces: what it offers on the exchange, "peer/service". dependents: services of the portal that need it.
    clients: identifiers of its sign-in clients. completeness: percent, by the weights of `data/completeness.yaml`.
    code_paths: its reference codes with all above them. cost_total: rupiah of all years, None without any cost.
    name_stems, text_stems: stems of the words of its names, and of function and description. These follow from the others
    (`services.writing.derived`).
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    code = models.CharField(max_length=20, unique=True)
    agency = models.ForeignKey("directory.Agency", on_delete=models.PROTECT, related_name="+")
    local_id = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=60, blank=True)
    description = models.TextField(blank=True)
    function = models.TextField(blank=True)
    rab_codes = texts(20)
    ral_codes = texts(20)
    rad_codes = texts(20)
    raa_code = models.CharField(max_length=20, blank=True)
    services = texts()
    data_used = texts()
    outputs = texts()
    platforms = texts(20)
    server = models.CharField(max_length=200, blank=True)
    licence = models.CharField(max_length=20, choices=LicenceKind, blank=True)
    languages = texts(60)
    frameworks = texts(60)
    databases = texts(60)
    developer_unit = models.CharField(max_length=200, blank=True)
    operator_unit = models.CharField(max_length=200, blank=True)
    related = texts(80)
    application_class = models.CharField(max_length=10, choices=ApplicationClass, blank=True)
    user_groups = texts(60)
    users_target = models.PositiveIntegerField(null=True, blank=True)
    users_actual = models.PositiveIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=LifeState, default=LifeState.LIVE)
    planned_on = models.DateField(null=True, blank=True)
    building_on = models.DateField(null=True, blank=True)
    live_on = models.DateField(null=True, blank=True)
    ending_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    url = models.CharField(max_length=500, blank=True)
    hosts = texts(253)
    store_ids = texts()
    repository = models.CharField(max_length=500, blank=True)
    hosting = models.CharField(max_length=20, choices=Hosting, blank=True)
    security_category = models.CharField(max_length=20, choices=SecurityCategory, blank=True)
    audited_on = models.DateField(null=True, blank=True)
    criticality = models.CharField(max_length=10, choices=Criticality, blank=True)
    funding = models.CharField(max_length=20, choices=Funding, blank=True)
    contract_number = models.CharField(max_length=120, blank=True)
    contract_vendor = models.CharField(max_length=200, blank=True)
    contract_value = models.PositiveBigIntegerField(null=True, blank=True)
    contract_until = models.DateField(null=True, blank=True)
    interfaces = texts()
    dependents = texts(80)
    clients = texts(80)
    completeness = models.PositiveSmallIntegerField(default=0)
    code_paths = texts(20)
    cost_total = models.PositiveBigIntegerField(null=True, blank=True)
    name_stems = models.TextField(blank=True, db_default="")
    text_stems = models.TextField(blank=True, db_default="")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now, db_default=Now())
    changed_at = models.DateTimeField(default=now, db_default=Now())
    search = models.GeneratedField(
        expression=SearchVector("name", "short_name", "name_stems", weight="A", config=SEARCH_CONFIG)
        + SearchVector("function", "text_stems", weight="B", config=SEARCH_CONFIG)
        + SearchVector("description", weight="C", config=SEARCH_CONFIG),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = ApplicationQuerySet.as_manager()

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        **dict.fromkeys(
            [
                "id",
                "code",
                "agency",
                "local_id",
                "name",
                "short_name",
                "description",
                "function",
                "rab_codes",
                "ral_codes",
                "rad_codes",
                "raa_code",
                "services",
                "data_used",
                "outputs",
                "platforms",
                "licence",
                "related",
                "application_class",
                "user_groups",
                "users_target",
                "users_actual",
                "state",
                "planned_on",
                "building_on",
                "live_on",
                "ending_on",
                "ended_on",
                "successor",
                "url",
                "hosts",
                "store_ids",
                "repository",
                "interfaces",
                "dependents",
                "completeness",
                "code_paths",
                "name_stems",
                "text_stems",
                "changed_at",
                "search",
            ],
            Privacy.PUBLIC,
        ),
        # What an attacker or a bidder would like to know, and what only the owner and the national team need.
        **dict.fromkeys(
            [
                "server",
                "languages",
                "frameworks",
                "databases",
                "developer_unit",
                "operator_unit",
                "hosting",
                "security_category",
                "audited_on",
                "criticality",
                "funding",
                "contract_number",
                "contract_vendor",
                "contract_value",
                "contract_until",
                "clients",
                "cost_total",
                "version",
                "created_at",
            ],
            Privacy.INTERNAL,
        ),
    }

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agency", "local_id"], name="application_local_once", condition=~models.Q(local_id="")
            ),
            models.CheckConstraint(name="application_has_name", condition=models.Q(name__regex=r"\S")),
            models.CheckConstraint(
                name="application_not_its_own_successor",
                condition=models.Q(successor__isnull=True) | ~models.Q(successor=models.F("id")),
            ),
            models.CheckConstraint(
                name="application_ends_after_start",
                condition=models.Q(live_on__isnull=True)
                | models.Q(ended_on__isnull=True)
                | models.Q(ended_on__gte=models.F("live_on")),
            ),
            models.CheckConstraint(
                name="application_completeness", condition=models.Q(completeness__lte=100)
            ),
        ]
        indexes = [
            GinIndex(fields=["search"], name="application_search"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="application_name_trgm"),
            GinIndex(fields=["rab_codes"], name="application_rab"),
            GinIndex(fields=["code_paths"], name="application_code_paths"),
            GinIndex(fields=["hosts"], name="application_hosts"),
            GinIndex(fields=["interfaces"], name="application_interfaces"),
            GinIndex(fields=["clients"], name="application_clients"),
            models.Index(fields=["agency", "state"], name="application_of_agency"),
            models.Index(fields=["state", "name"], name="application_by_state"),
            models.Index(fields=["name", "id"], name="application_by_name"),
            models.Index(fields=["cost_total"], name="application_by_cost"),
        ]

    def __str__(self) -> str:
        return self.code


class Cost(models.Model):
    """What an application cost in one year for one kind of thing, in whole rupiah."""

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="costs")
    year = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=CostKind)
    rupiah = models.PositiveBigIntegerField()

    PRIVACY: ClassVar[dict[str, Privacy]] = dict.fromkeys(
        ("id", "application", "year", "kind", "rupiah"), Privacy.INTERNAL
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "year", "kind"], name="cost_once"),
            models.CheckConstraint(
                name="cost_year", condition=models.Q(year__gte=1980) & models.Q(year__lte=2100)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.year} {self.kind}"


class Change(models.Model):
    """One field of a record that was written: from what, to what, when, by whom, by which road.

    field: "" for the birth of the record. origin: what the source names itself, such as an import's identifier.
    """

    id = models.BigAutoField(primary_key=True)
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="changes")
    at = models.DateTimeField(default=now)
    field = models.CharField(max_length=40, blank=True)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    source = models.CharField(max_length=20, choices=ChangeSource)
    origin = models.CharField(max_length=120, blank=True)
    by_person = models.UUIDField(null=True)
    by_label = models.CharField(max_length=120, blank=True)

    PRIVACY: ClassVar[dict[str, Privacy]] = {
        **dict.fromkeys(
            ("id", "application", "at", "field", "before", "after", "source", "origin", "by_label"),
            Privacy.INTERNAL,
        ),
        "by_person": Privacy.PERSONAL,
    }

    class Meta:
        indexes = [models.Index(fields=["application", "-id"], name="change_of_application")]

    def __str__(self) -> str:
        return f"{self.application_id} {self.field}"
