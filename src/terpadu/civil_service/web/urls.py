"""Addresses under `kinerja/`."""

from django.urls import path

from terpadu.civil_service.web import views

app_name = "civil_service"
urlpatterns = [
    path("", views.performance, name="performance"),
    path("bukti.csv", views.evidence_csv, name="evidence_csv"),
]
