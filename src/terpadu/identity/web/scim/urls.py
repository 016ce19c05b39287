"""Addresses of SCIM 2.0."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from terpadu.identity.selectors.reference import DATA
from terpadu.kernel.http.descriptions import described


def _late(name: str) -> Callable[..., HttpResponse]:
    """Return a view that is imported by its first request: SCIM's models take a second, and most processes get none."""

    @csrf_exempt
    def view(request: HttpRequest, **named: str) -> HttpResponse:
        from terpadu.identity.web.scim import views

        found: Callable[..., HttpResponse] = getattr(views, name)
        return found(request, **named)

    return view


discovery, not_built = _late("discovery"), _late("not_built")
urlpatterns = [
    path(
        "scim/v2/ServiceProviderConfig",
        discovery,
        {"what": "ServiceProviderConfig"},
        name="scim_config",
    ),
    path("scim/v2/Schemas", discovery, {"what": "Schemas"}, name="scim_schemas"),
    path("scim/v2/Schemas/<str:name>", discovery, {"what": "Schemas"}, name="scim_schema"),
    path("scim/v2/ResourceTypes", discovery, {"what": "ResourceTypes"}, name="scim_types"),
    path("scim/v2/ResourceTypes/<str:name>", discovery, {"what": "ResourceTypes"}, name="scim_type"),
    path("scim/v2/Users", _late("users_endpoint"), name="scim_users"),
    path("scim/v2/Users/.search", _late("users_search"), name="scim_users_search"),
    path("scim/v2/Users/<str:resource_id>", _late("user_endpoint"), name="scim_user"),
    path("scim/v2/Groups", _late("groups_endpoint"), name="scim_groups"),
    path("scim/v2/Groups/.search", _late("groups_search"), name="scim_groups_search"),
    path("scim/v2/Groups/<str:resource_id>", _late("group_endpoint"), name="scim_group"),
    path("scim/v2/openapi.json", described(DATA / "directory_api.yaml"), name="scim_described"),
    path("scim/v2/Bulk", not_built, name="scim_bulk"),
    path("scim/v2/Me", not_built, name="scim_me"),
    path("scim/v2/.search", not_built, name="scim_search"),
    path("scim/v2/<path:rest>", _late("unknown"), name="scim_unknown"),
]
