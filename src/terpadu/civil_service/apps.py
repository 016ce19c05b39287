"""Django's registration of the civil service."""

from django.apps import AppConfig


class CivilServiceConfig(AppConfig):
    """The civil service."""

    name = "terpadu.civil_service"
    label = "civil_service"

    def ready(self) -> None:
        """Say what this domain holds about a person."""
        from terpadu.civil_service.data_copy import SECTION
        from terpadu.identity.public import register_data_section

        register_data_section(SECTION)
