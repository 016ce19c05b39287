"""The words of the portfolio that have a fixed set of values."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class LifeState(TextChoices):
    """Where an application stands in its life; RIHA's status and publiccode.yml's developmentStatus map onto it."""

    PLANNED = "planned", _("Planned")
    BUILDING = "building", _("Being built")
    LIVE = "live", _("In use")
    RETIRING = "retiring", _("Being ended")
    ENDED = "ended", _("Ended")


class ApplicationClass(TextChoices):
    """General or special application (Perpres 95/2018 art. 1, 36 and 39)."""

    UMUM = "umum", _("General application")
    KHUSUS = "khusus", _("Special application")


class Platform(TextChoices):
    """What an application runs on for its users (national metadata, "Basis Aplikasi")."""

    WEB = "web", _("Web")
    MOBILE = "mobile", _("Mobile")
    DESKTOP = "desktop", _("Desktop")
    CLOUD = "cloud", _("Cloud")


class LicenceKind(TextChoices):
    """The type of licence (national metadata, "Tipe Lisensi")."""

    OPEN_SOURCE = "open_source", _("Open source")
    PROPRIETARY = "proprietary", _("Proprietary")


class Hosting(TextChoices):
    """Where an application is hosted."""

    NATIONAL = "national", _("National data centre")
    OWN = "own", _("The agency's own data centre")
    OTHER_AGENCY = "other_agency", _("Another agency's data centre")
    CLOUD = "cloud", _("Commercial cloud")
    VENDOR = "vendor", _("The supplier's servers")


class SecurityCategory(TextChoices):
    """Category of an electronic system (BSSN regulation 8/2020)."""

    STRATEGIC = "strategic", _("Strategic")
    HIGH = "high", pgettext_lazy("security category", "High")
    LOW = "low", pgettext_lazy("security category", "Low")


class Criticality(TextChoices):
    """How much harm an hour without the application does."""

    VITAL = "vital", _("Vital")
    HIGH = "high", pgettext_lazy("criticality", "High")
    MEDIUM = "medium", pgettext_lazy("criticality", "Medium")
    LOW = "low", pgettext_lazy("criticality", "Low")


class Funding(TextChoices):
    """Where the money comes from."""

    STATE = "state", _("State budget (APBN)")
    REGIONAL = "regional", _("Regional budget (APBD)")
    GRANT = "grant", _("Grant or loan")
    OWN_INCOME = "own_income", _("Own income (BLU/BLUD)")
    OTHER = "other", pgettext_lazy("funding", "Other")


class CostKind(TextChoices):
    """What money was spent on."""

    BUILD = "build", _("Building")
    LICENCE = "licence", _("Licences")
    INFRASTRUCTURE = "infrastructure", _("Infrastructure")
    OPERATION = "operation", _("Operation and maintenance")
    OTHER = "other", pgettext_lazy("cost", "Other")


class ChangeSource(TextChoices):
    """Which road a change came by."""

    PAGE = "page", _("Written on the page")
    IMPORT = "import", _("Import")
    CLEARANCE = "clearance", _("Clearance")
    EXCHANGE = "exchange", _("Connection to the exchange")
    CLIENT = "client", _("Sign-in client")
    DIRECTORY = "directory", _("Reorganisation")


class RunState(TextChoices):
    """Where an import stands."""

    UPLOADED = "uploaded", _("Columns to confirm")
    CHECKING = "checking", _("Being checked")
    CHECKED = "checked", _("Checked, nothing written yet")
    APPLYING = "applying", _("Being written")
    DONE = "done", pgettext_lazy("import", "Done")
    FAILED = "failed", _("Refused")


class AliasKind(TextChoices):
    """How a former name or code of an agency came about."""

    RENAMED = "renamed", _("Renamed")
    MERGED = "merged", _("Merged")
    SPLIT = "split", _("Split")


class OverlapKind(TextChoices):
    """What two overlapping records are to each other; "none" only when a person says so."""

    DUPLICATE = "duplicate", _("The same application, registered twice")
    PRODUCT = "product", _("One product in several places")
    FUNCTION = "function", _("The same function")
    NONE = "none", _("Not related")


class OverlapStep(TextChoices):
    """Where the making of an overlap report stands."""

    READING = "reading", _("Reading the records")
    COMPARING = "comparing", _("Comparing them")
    WRITING = "writing", _("Writing the report")
    DONE = "done", pgettext_lazy("overlap report", "Done")
    FAILED = "failed", pgettext_lazy("overlap report", "Failed")
