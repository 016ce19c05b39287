"""Django's registration of messaging."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Check all templates when a process starts, so that a faulty one never meets a person."""

    name = "terpadu.messaging"
    label = "messaging"

    def ready(self) -> None:
        """Say what this domain holds about a person."""
        from terpadu.identity.public import register_data_section
        from terpadu.messaging.data_copy import SECTION

        register_data_section(SECTION)
