"""Django's registration of the kernel."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class KernelConfig(AppConfig):
    """Load every domain's `tasks` module, so that its subscribers and timers are known to each process."""

    name = "terpadu.kernel"
    label = "kernel"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Run when all domains are loaded."""
        autodiscover_modules("tasks")
