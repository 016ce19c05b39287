"""Django's registration of the civil service."""

from django.apps import AppConfig


class CivilServiceConfig(AppConfig):
    """The civil service."""

    name = "terpadu.civil_service"
    label = "civil_service"
