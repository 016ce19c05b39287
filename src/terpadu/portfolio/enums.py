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


CHOICES: dict[str, type[TextChoices]] = {
    "state": LifeState,
    "application_class": ApplicationClass,
    "platforms": Platform,
    "licence": LicenceKind,
    "hosting": Hosting,
    "security_category": SecurityCategory,
    "criticality": Criticality,
    "funding": Funding,
}
"""The fields of a record whose values are a fixed set."""


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
    BROKEN_OFF = "broken_off", _("Broken off")


class AliasKind(TextChoices):
    """How a former name or code of an agency came about."""

    RENAMED = "renamed", _("Renamed")
    MERGED = "merged", _("Merged")
    SPLIT = "split", _("Split")


class RequestKind(TextChoices):
    """What a clearance is asked for; the four moments of an application's life (as in Estonia's RIHA)."""

    ESTABLISH = "establish", _("Make a new application")
    TAKE_INTO_USE = "take_into_use", _("Take an application into use")
    MODIFY = "modify", _("Change an application")
    END = "end", _("End an application")


class RequestState(TextChoices):
    """Where a request for clearance stands."""

    DRAFT = "draft", pgettext_lazy("clearance", "Draft")
    SUBMITTED = "submitted", _("Completeness being checked")
    RETURNED = "returned", _("Returned to be completed")
    SCREENING = "screening", _("Overlap report being made")
    REVIEW = "review", _("At the desks")
    DECISION = "decision", _("Waiting for the decision")
    APPROVED = "approved", pgettext_lazy("clearance", "Approved")
    REFUSED = "refused", pgettext_lazy("clearance", "Refused")
    APPEALED = "appealed", _("Under appeal")
    DELIVERED = "delivered", pgettext_lazy("clearance", "Delivered")
    LAPSED = "lapsed", pgettext_lazy("clearance", "Lapsed")
    WITHDRAWN = "withdrawn", pgettext_lazy("clearance", "Withdrawn")


class RequestAction(TextChoices):
    """What can be done to a request."""

    SUBMIT = "submit", _("Sent in")
    ACCEPT = "accept", _("Found complete")
    RETURN = "return", _("Returned to be completed")
    SCREEN = "screen", _("Overlap report frozen")
    CONCLUDE = "conclude", _("Reviews closed")
    GRANT = "grant", pgettext_lazy("clearance", "Approved")
    DENY = "deny", pgettext_lazy("clearance", "Refused")
    APPEAL = "appeal", _("Appeal filed")
    RETRACT = "retract", _("Appeal taken back")
    UPHOLD = "uphold", _("Appeal upheld")
    DISMISS = "dismiss", _("Appeal dismissed")
    DELIVER = "deliver", pgettext_lazy("clearance", "Delivered")
    LAPSE = "lapse", pgettext_lazy("clearance", "Lapsed")
    WITHDRAW = "withdraw", pgettext_lazy("clearance", "Withdrawn")


class Part(TextChoices):
    """Which part somebody has in a request."""

    PROPOSER = "proposer", _("Proposer")
    SECRETARIAT = "secretariat", _("Secretariat")
    DESK = "desk", _("Desk")
    DECIDER = "decider", _("Decider")
    APPEAL = "appeal", _("Decider of appeals")
    SYSTEM = "system", _("The platform")


class Desk(TextChoices):
    """Who looks at a request, side by side with the others."""

    ARCHITECTURE = "architecture", _("Architecture")
    TECHNICAL = "technical", _("Technical")
    PLANNING = "planning", _("Planning")
    BUDGET = "budget", _("Budget")
    SECURITY = "security", pgettext_lazy("desk", "Security")


class ReviewState(TextChoices):
    """Where a desk's review stands."""

    OPEN = "open", pgettext_lazy("review", "Open")
    DONE = "done", pgettext_lazy("review", "Given")
    MISSED = "missed", _("Not given in time")


class Opinion(TextChoices):
    """What a desk says."""

    SUPPORT = "support", _("Supports the request")
    CONDITIONS = "conditions", _("Supports it under conditions")
    OBJECT = "object", _("Objects")


class DecisionKind(TextChoices):
    """What is decided."""

    REUSE = "reuse", _("Use an application that exists")
    INTEGRATE = "integrate", _("Connect with an application that exists")
    EXTEND = "extend", _("Extend an application that exists")
    NEW = "new", _("New, by exception")
    AGREE = "agree", _("Agreed")
    REFUSE = "refuse", pgettext_lazy("clearance", "Refused")


class Instance(TextChoices):
    """Who decided: the first decider, or the decider of an appeal."""

    FIRST = "first", _("First decision")
    APPEAL = "appeal", _("Decision on appeal")


class Quadrant(TextChoices):
    """Where an application stands by business value and technical fit (TIME model)."""

    INVEST = "invest", _("Invest")
    TOLERATE = "tolerate", _("Tolerate")
    MIGRATE = "migrate", pgettext_lazy("quadrant", "Migrate")
    ELIMINATE = "eliminate", _("Eliminate")
    UNKNOWN = "unknown", _("Not known enough")


class Fate(TextChoices):
    """What is proposed for a member of a family."""

    KEEP = "keep", _("Keep")
    MIGRATE = "migrate", _("Move its users and data")
    MERGE = "merge", _("Merge the two records")
    END = "end", _("End without a move")


class PlanState(TextChoices):
    """Where a consolidation plan stands."""

    DRAFT = "draft", pgettext_lazy("plan", "Draft")
    ADOPTED = "adopted", pgettext_lazy("plan", "Adopted")


class EndingForm(TextChoices):
    """In which legal form an application ends."""

    PRIORITY = "priority", _("Ending of an application overtaken by a priority application")
    ORDINARY = "ordinary", _("Ending by the agency that owns it")
    RECORD = "record", _("Correction of the inventory only")


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
