"""Django's registration of documents."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Check all kinds of documents when a process starts, so that a faulty one never meets a case."""

    name = "terpadu.documents"
    label = "documents"

    def ready(self) -> None:
        """Say what this domain holds about a person."""
        from terpadu.documents.data_copy import SECTION
        from terpadu.identity.public import register_data_section

        register_data_section(SECTION)
