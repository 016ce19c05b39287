"""Django's registration of identity."""

from django.apps import AppConfig


class IdentityConfig(AppConfig):
    """Persons, accounts, sign-in, assurance, acting for others, data rights."""

    name = "terpadu.identity"
    label = "identity"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what this domain holds about a person; in demo mode compare faces by a stand-in."""
        from django.conf import settings

        from terpadu.identity.services.data_copy import SECTIONS
        from terpadu.identity.services.faces import register_face_matcher
        from terpadu.identity.services.rights import register_data_section

        for section in SECTIONS:
            register_data_section(section)
        if settings.DEMO:
            from terpadu.identity.adapters.fake_faces import FakeFaceMatcher

            register_face_matcher(FakeFaceMatcher())
