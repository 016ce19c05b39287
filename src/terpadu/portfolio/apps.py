"""Django's entry to the portfolio."""

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """The domain of all applications of government."""

    name = "terpadu.portfolio"
    label = "portfolio"

    def ready(self) -> None:
        """Let the dashboards know where families come from."""
        from terpadu.portfolio.web import overlap_families

        overlap_families.register()
