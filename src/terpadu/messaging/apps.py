"""Django's registration of messaging."""

from django.apps import AppConfig


class MessagingConfig(AppConfig):
    """Check all templates when a process starts, so that a faulty one never meets a person."""

    name = "terpadu.messaging"
    label = "messaging"

    def ready(self) -> None:
        """Run when all domains are loaded."""
        from terpadu.identity.public import register_data_section
        from terpadu.messaging.catalogue import templates
        from terpadu.messaging.data_copy import SECTION

        templates()
        register_data_section(SECTION)
