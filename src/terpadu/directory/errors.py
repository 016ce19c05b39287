"""What can be wrong in the directory."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from terpadu.kernel.errors import DomainError, NotFound


class AgencyUnknown(NotFound):
    """No agency has this code."""

    code = "directory.agency_unknown"
    title = _("We do not know this agency.")


class PositionUnknown(NotFound):
    """No position has this identifier."""

    code = "directory.position_unknown"
    title = _("We do not know this position.")


class PositionReserved(DomainError):
    """A position that operates the platform was to be made or given in another agency."""

    code = "directory.position_reserved"
    http_status = 403
    title = _("Only the operator of the platform has this position.")
    next_step = _("Choose another position of your agency.")


class RegionUnknown(NotFound):
    """Kemendagri's list has no region of this code."""

    code = "directory.region_unknown"
    title = _("We do not know this region.")


class AgencyTaken(DomainError):
    """Another agency already has this code or peer id."""

    code = "directory.agency_taken"
    http_status = 409
    title = _("Another agency already has this code.")
    next_step = _("Choose another code, or look the agency up in the directory.")


class AgencyInvalid(DomainError):
    """The code, the peer id or the region of a new agency is not well formed."""

    code = "directory.agency_invalid"
    title = _("The particulars of the agency are not complete or not well formed.")
    next_step = _("Check code, peer id and region code.")


class NoCertificate(DomainError):
    """The agency has no key and certificate yet."""

    code = "directory.no_certificate"
    http_status = 409
    title = _("This agency has no certificate yet.")
    next_step = _("Let it join the exchange first.")


class RequestInvalid(DomainError):
    """A certificate request cannot be used. reason: stable code."""

    code = "directory.request_invalid"
    title = _("This certificate request cannot be used.")
    next_step = _("Make one in PEM (PKCS#10) with an Ed25519 key, as the page shows, and try again.")

    def __init__(self, *, reason: str) -> None:
        super().__init__(reason=reason)
        self.reason = reason
