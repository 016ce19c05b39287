"""The door of the directory."""

from terpadu.directory.selectors import (
    AgencyView,
    CertificateView,
    PositionView,
    RegionView,
    agency_by_peer,
    agency_get,
    agency_key,
    agency_list,
    authority_path,
    certificate_by_key,
    certificate_get,
    certificate_list,
    position_get,
    position_list,
    region_children,
    region_name,
)
from terpadu.directory.services.agencies import agency_create, position_create
from terpadu.directory.services.certificates import (
    certificate_ensure,
    certificate_renew,
    certificate_sign,
    private_file_write,
    private_key_ensure,
)

__all__ = [
    "AgencyView",
    "CertificateView",
    "PositionView",
    "RegionView",
    "agency_by_peer",
    "agency_create",
    "agency_get",
    "agency_key",
    "agency_list",
    "authority_path",
    "certificate_by_key",
    "certificate_ensure",
    "certificate_get",
    "certificate_list",
    "certificate_renew",
    "certificate_sign",
    "position_create",
    "position_get",
    "position_list",
    "private_file_write",
    "private_key_ensure",
    "region_children",
    "region_name",
]
