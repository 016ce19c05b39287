"""Django's registration of the exchange."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Contracts, tokens, snapshot, records and trail; gives `identity` its way to the population registry."""

    name = "terpadu.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let `identity`, which may not know the exchange, check persons and families over the toll road; give metrics."""
        from terpadu.exchange.selectors.figures import exchange_figures
        from terpadu.exchange.services.data_copy import SECTION
        from terpadu.exchange.services.families import family_check
        from terpadu.exchange.services.population import population_check
        from terpadu.identity.public import (
            register_data_section,
            register_family_check,
            register_population_check,
        )
        from terpadu.kernel.http.metrics import register_figures

        register_population_check(population_check)
        register_family_check(family_check)
        register_data_section(SECTION)
        register_figures(exchange_figures)
