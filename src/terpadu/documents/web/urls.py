"""Addresses under `v/`; short, because they stand in QR codes."""

from django.urls import path

from terpadu.documents.web import views

app_name = "documents"
urlpatterns = [
    path("", views.check_file, name="check"),
    path("<str:token>", views.verify, name="verify"),
]
