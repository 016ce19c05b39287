"""Django's registration of the portal."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The citizen's front."""

    name = "terpadu.portal"
    label = "portal"
