"""Django's registration of the directory."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """Agencies, units, positions, regions, keys and certificates."""

    name = "terpadu.directory"
    label = "directory"
    default_auto_field = "django.db.models.BigAutoField"
