"""Django's registration of identity."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Persons, accounts, sign-in and assignments."""

    name = "terpadu.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"
