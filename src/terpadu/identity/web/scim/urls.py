"""Addresses of SCIM 2.0."""

from __future__ import annotations

from django.urls import path

from terpadu.identity.selectors.reference import DATA
from terpadu.identity.web.scim import views
from terpadu.kernel.http.descriptions import described

urlpatterns = [
    path(
        "scim/v2/ServiceProviderConfig",
        views.discovery,
        {"what": "ServiceProviderConfig"},
        name="scim_config",
    ),
    path("scim/v2/Schemas", views.discovery, {"what": "Schemas"}, name="scim_schemas"),
    path("scim/v2/Schemas/<str:name>", views.discovery, {"what": "Schemas"}, name="scim_schema"),
    path("scim/v2/ResourceTypes", views.discovery, {"what": "ResourceTypes"}, name="scim_types"),
    path("scim/v2/ResourceTypes/<str:name>", views.discovery, {"what": "ResourceTypes"}, name="scim_type"),
    path("scim/v2/Users", views.users_endpoint, name="scim_users"),
    path("scim/v2/Users/.search", views.users_search, name="scim_users_search"),
    path("scim/v2/Users/<str:resource_id>", views.user_endpoint, name="scim_user"),
    path("scim/v2/Groups", views.groups_endpoint, name="scim_groups"),
    path("scim/v2/Groups/.search", views.groups_search, name="scim_groups_search"),
    path("scim/v2/Groups/<str:resource_id>", views.group_endpoint, name="scim_group"),
    path("scim/v2/openapi.json", described(DATA / "directory_api.yaml"), name="scim_described"),
    path("scim/v2/Bulk", views.not_built, name="scim_bulk"),
    path("scim/v2/Me", views.not_built, name="scim_me"),
    path("scim/v2/.search", views.not_built, name="scim_search"),
    path("scim/v2/<path:rest>", views.unknown, name="scim_unknown"),
]
