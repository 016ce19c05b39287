"""Django's entry to the portfolio."""

from django.apps import AppConfig


class PortfolioConfig(AppConfig):
    """The domain of all applications of government."""

    name = "terpadu.portfolio"
    label = "portfolio"

    def ready(self) -> None:
        """Register what clearance does in the background, and who answers about overlaps and families."""
        from terpadu.portfolio import clearance_tasks
        from terpadu.portfolio.family_members import register_family_members
        from terpadu.portfolio.measures import register_measure
        from terpadu.portfolio.overlap_desk import register_overlap_desk
        from terpadu.portfolio.selectors.rationalisation import sources
        from terpadu.portfolio.services.overlap_engine_desk import EngineDesk
        from terpadu.portfolio.web import overlap_families

        overlap_families.register()
        register_overlap_desk(EngineDesk())
        register_family_members(sources.reported_families)
        register_measure("traffic", sources.traffic)
        register_measure("sign_ins", sources.sign_ins)
        register_measure("people", sources.people)
        assert clearance_tasks  # noqa: S101 - its import is what registers its handlers
