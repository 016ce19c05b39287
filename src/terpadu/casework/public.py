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
from terpadu.casework.selectors.catalogue import interface_uses, service_get, service_list
from terpadu.casework.selectors.record import PromiseRecord, promises_kept
from terpadu.casework.services.acting import case_act, case_hand_over, case_release, case_take, sign_batch
from terpadu.casework.services.drafts import case_start, page_get, page_save
from terpadu.casework.services.lapsing import case_cancel
from terpadu.casework.services.publishing import definition_check, definition_paths, definition_publish
from terpadu.casework.services.reads import attachment_open, case_get, case_list_for
from terpadu.casework.services.submission import case_submit, check_get

__all__ = [
    "AttachmentFile",
    "AttachmentView",
    "BatchOutcome",
    "CaseView",
    "CheckSection",
    "CheckView",
    "FactView",
    "InterfaceUse",
    "NextPage",
    "OutageView",
    "PageView",
    "PromiseRecord",
    "ServiceView",
    "SourceView",
    "StepOutlook",
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
]
