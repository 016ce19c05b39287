"""Django's registration of casework."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Name the domain."""

    name = "terpadu.casework"
    label = "casework"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say which services there are to act in for others, what this domain holds about a person, and what services read."""
        from terpadu.casework.selectors.catalogue import interface_use_counts, service_names
        from terpadu.casework.services.data_copy import SECTION
        from terpadu.exchange.public import register_public_services
        from terpadu.identity.public import register_data_section, register_service_names

        register_service_names(service_names)
        register_data_section(SECTION)
        register_public_services(interface_use_counts)
