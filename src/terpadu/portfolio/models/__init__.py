"""Tables of the portfolio, one module for each subject."""

from terpadu.portfolio.models.applications import Application, ApplicationQuerySet, Change, Cost
from terpadu.portfolio.models.imports import AgencyAlias, ColumnMapping, ImportRun
from terpadu.portfolio.models.overlap import ModelVersion, OverlapFinding, OverlapReport, Verdict
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
    "OverlapFinding",
    "OverlapReport",
    "Summary",
    "Verdict",
]
