"""Django's registration of maturity."""

from django.apps import AppConfig


class MaturityConfig(AppConfig):
    """The maturity of every agency's digital government, measured once a year."""

    name = "terpadu.maturity"
    label = "maturity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register what the domains below can count."""
        from terpadu.maturity import sources

        sources.register()
