"""Addresses of the API, mounted at /portofolio/api/v1/."""

from __future__ import annotations

from django.urls import path

from terpadu.portfolio.api import views

app_name = "portfolio_api"
urlpatterns = [
    path("openapi.json", views.openapi, name="openapi"),
    path("applications", views.applications, name="applications"),
    path("applications/<str:code>", views.application, name="application"),
]
