"""Django's registration of the exchange."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    """Contracts, tokens, snapshot, records and trail; gives `identity` its way to the population registry."""

    name = "terpadu.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let `identity`, which may not know the exchange, check persons over the toll road."""
        from terpadu.exchange.services.population import population_check
        from terpadu.identity.public import register_population_check

        register_population_check(population_check)
