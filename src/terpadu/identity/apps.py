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

        from terpadu.identity.services.closing import register_closing_step
        from terpadu.identity.services.data_copy import SECTIONS
        from terpadu.identity.services.faces import register_face_matcher
        from terpadu.identity.services.provider import relying_parties as clients
        from terpadu.identity.services.relying_parties import register_relying_parties
        from terpadu.identity.services.rights import register_data_section

        for section in SECTIONS:
            register_data_section(section)
        register_relying_parties(clients.parties_of, withdraw=clients.party_withdraw)
        register_closing_step(clients.parties_close)
        if settings.DEMO:
            from terpadu.identity.adapters.fake_faces import FakeFaceMatcher

            register_face_matcher(FakeFaceMatcher())
