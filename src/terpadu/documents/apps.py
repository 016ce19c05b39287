"""Django's registration of documents."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    """Check all kinds of documents when a process starts, so that a faulty one never meets a case."""

    name = "terpadu.documents"
    label = "documents"

    def ready(self) -> None:
        """Run when all domains are loaded."""
        from terpadu.documents.catalogue import kinds
        from terpadu.documents.data_copy import SECTION
        from terpadu.identity.public import register_data_section

        kinds()
        register_data_section(SECTION)
