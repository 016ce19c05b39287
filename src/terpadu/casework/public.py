"""The door of casework. Views are in `read_models`; the errors it raises are in `errors`."""

from terpadu.casework.read_models import (
    AttachmentFile,
    AttachmentView,
    BatchOutcome,
    CaseView,
    CheckSection,
    CheckView,
    FactView,
    InterfaceUse,
    NextPage,
    OutageView,
    PageView,
    ServiceView,
    SourceView,
    StepOutlook,
    TimelineEntry,
)
from terpadu.casework.rules.survey import Questionnaire
from terpadu.casework.selectors.catalogue import interface_uses, service_get, service_list
from terpadu.casework.selectors.complaints import ComplaintRecord, complaint_record
from terpadu.casework.selectors.record import PromiseRecord, promises_kept
from terpadu.casework.selectors.survey import SurveyRecord, survey_of_agencies, survey_of_service
from terpadu.casework.services.acting import case_act, case_hand_over, case_release, case_take, sign_batch
from terpadu.casework.services.complaint_views import ComplaintView, complaints_of_case
from terpadu.casework.services.complaints import complaint_make, complaint_withdraw
from terpadu.casework.services.drafts import case_start, page_get, page_save
from terpadu.casework.services.lapsing import case_cancel
from terpadu.casework.services.publishing import definition_check, definition_paths, definition_publish
from terpadu.casework.services.reads import attachment_open, case_get, case_list_for
from terpadu.casework.services.submission import case_submit, check_get
from terpadu.casework.services.survey import survey_answer, survey_get

__all__ = [
    "AttachmentFile",
    "AttachmentView",
    "BatchOutcome",
    "CaseView",
    "CheckSection",
    "CheckView",
    "ComplaintRecord",
    "ComplaintView",
    "FactView",
    "InterfaceUse",
    "NextPage",
    "OutageView",
    "PageView",
    "PromiseRecord",
    "Questionnaire",
    "ServiceView",
    "SourceView",
    "StepOutlook",
    "SurveyRecord",
    "TimelineEntry",
    "attachment_open",
    "case_act",
    "case_cancel",
    "case_get",
    "case_hand_over",
    "case_list_for",
    "case_release",
    "case_start",
    "case_submit",
    "case_take",
    "check_get",
    "complaint_make",
    "complaint_record",
    "complaint_withdraw",
    "complaints_of_case",
    "definition_check",
    "definition_paths",
    "definition_publish",
    "interface_uses",
    "page_get",
    "page_save",
    "promises_kept",
    "service_get",
    "service_list",
    "sign_batch",
    "survey_answer",
    "survey_get",
    "survey_of_agencies",
    "survey_of_service",
]
