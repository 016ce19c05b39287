"""Tables of the portfolio, one module for each subject."""

from terpadu.portfolio.models.applications import Application, ApplicationQuerySet, Change, Cost
from terpadu.portfolio.models.clearance import (
    Appeal,
    ClearanceRequest,
    Decision,
    DeskReview,
    RequestComment,
    RequestDocument,
    RequestReport,
    RequestStep,
)
from terpadu.portfolio.models.imports import AgencyAlias, ColumnMapping, ImportRun
from terpadu.portfolio.models.overlap import (
    ModelVersion,
    OverlapFamily,
    OverlapFinding,
    OverlapReport,
    OverlapRun,
    Verdict,
)
from terpadu.portfolio.models.rationalisation import Assessment, Move, Plan, Wave
from terpadu.portfolio.models.summaries import Summary

__all__ = [
    "AgencyAlias",
    "Appeal",
    "Application",
    "ApplicationQuerySet",
    "Assessment",
    "Change",
    "ClearanceRequest",
    "ColumnMapping",
    "Cost",
    "Decision",
    "DeskReview",
    "ImportRun",
    "ModelVersion",
    "Move",
    "OverlapFamily",
    "OverlapFinding",
    "OverlapReport",
    "OverlapRun",
    "Plan",
    "RequestComment",
    "RequestDocument",
    "RequestReport",
    "RequestStep",
    "Summary",
    "Verdict",
    "Wave",
]
