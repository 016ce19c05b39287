"""Tables of the portfolio, one module for each subject."""

from terpadu.portfolio.models.applications import Application, ApplicationQuerySet, Change, Cost
from terpadu.portfolio.models.imports import AgencyAlias, ColumnMapping, ImportRun
from terpadu.portfolio.models.overlap import (
    ModelVersion,
    OverlapFamily,
    OverlapFinding,
    OverlapReport,
    OverlapRun,
    Verdict,
)
from terpadu.portfolio.models.summaries import Summary

__all__ = [
    "AgencyAlias",
    "Application",
    "ApplicationQuerySet",
    "Change",
    "ColumnMapping",
    "Cost",
    "ImportRun",
    "ModelVersion",
    "OverlapFamily",
    "OverlapFinding",
    "OverlapReport",
    "OverlapRun",
    "Summary",
    "Verdict",
]
