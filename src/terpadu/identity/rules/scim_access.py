"""Where SCIM is offered and what a system must be allowed to use it; apart from its models, which take a second to import."""

from __future__ import annotations

SCOPE = "scim:manage"
PREFIX = "/scim/v2"
