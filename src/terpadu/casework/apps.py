"""Django's registration of casework."""

from django.apps import AppConfig


class CaseworkConfig(AppConfig):
    """Name the domain."""

    name = "terpadu.casework"
    label = "casework"
    default_auto_field = "django.db.models.BigAutoField"
