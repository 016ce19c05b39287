"""A small client for programs of an agency that call over the toll road, through the agency's own gateway.

    >>> from terpadu_client import Client
    >>> client = Client("http://127.0.0.1:8011", key=Path("application.key").read_text())  # doctest: +SKIP
    >>> answer = client.call("00000002/kependudukan", "POST", "/v1/keluarga/cari", body={"nik": nik},
    ...     purpose="kia.verifikasi", evidence="KIA-2026-000001", is_safe=True)  # doctest: +SKIP

Door: `Client`, `Answer`, and the errors.
"""

from terpadu_client.answers import Answer
from terpadu_client.client import Client
from terpadu_client.errors import (
    CallError,
    CallRefused,
    GatewayAway,
    NothingFound,
    ProblemError,
    SystemFailed,
    Unavailable,
)

__all__ = [
    "Answer",
    "CallError",
    "CallRefused",
    "Client",
    "GatewayAway",
    "NothingFound",
    "ProblemError",
    "SystemFailed",
    "Unavailable",
]
