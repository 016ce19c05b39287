"""Tables of casework, one file per aggregate."""

from terpadu.casework.models.case import Attachment, Case, CaseAnswers, CaseEvent, CaseNumber
from terpadu.casework.models.complaint import Complaint
from terpadu.casework.models.definition import ServiceDefinition
from terpadu.casework.models.survey import SurveyReceipt, SurveyTally
from terpadu.casework.models.task import Task

__all__ = [
    "Attachment",
    "Case",
    "CaseAnswers",
    "CaseEvent",
    "CaseNumber",
    "Complaint",
    "ServiceDefinition",
    "SurveyReceipt",
    "SurveyTally",
    "Task",
]
