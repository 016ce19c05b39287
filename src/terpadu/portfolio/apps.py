"""Django's entry to the portfolio."""

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """The domain of all applications of government."""

    name = "terpadu.portfolio"
    label = "portfolio"

    def ready(self) -> None:
        """Register what clearance does in the background, and who answers about overlaps."""
        from terpadu.portfolio import clearance_tasks
        from terpadu.portfolio.overlap_desk import register_overlap_desk
        from terpadu.portfolio.services.overlap_engine_desk import EngineDesk

        register_overlap_desk(EngineDesk())
        assert clearance_tasks  # noqa: S101 - its import is what registers its handlers
