"""Django's entry to the portfolio."""

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """The domain of all applications of government."""

    name = "terpadu.portfolio"
    label = "portfolio"
