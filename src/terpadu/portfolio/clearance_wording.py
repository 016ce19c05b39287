"""What the faults of requests, decisions and plans are called, and what the words of their pages are."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_noop as _

from terpadu.portfolio.faults import Fault

_WORDS: dict[str, str] = {
    "text_long": _("%(length)s letters are too many; %(longest)s fit."),
    "text_short": _("Write at least one full sentence."),
    "year_range": _("Write a year from %(first)s to %(last)s."),
    "subject_missing": _("Name the application that this is about, by its code such as APL-000123."),
    "subject_unknown": _("The inventory has no application “%(given)s”. Search it by its name."),
    "value_missing": _("Fill this in: the path through the procedure depends on it."),
    "document_missing": _("This document is missing: %(document)s."),
    "process_missing": _("Choose the business process that the application serves (RAB)."),
    "interfaces_missing": _(
        "Say which interfaces it will offer or use on the exchange; nothing is approved without."
    ),
    "why_missing": _("These applications overlap strongly: %(names)s. Say why none of them will do."),
    "code_unknown": _("%(given)s is not a %(prefix)s code of the reference architecture."),
    "reason_short": _(
        "Give your reasons in at least one full sentence; they will be read and can be appealed against."
    ),
    "conditions_missing": _("Say under which conditions."),
    "comment_text": _("Write something, at most %(longest)s letters."),
    "decision_unfit": _("This cannot be decided on this kind of request."),
    "target_missing": _("Name the application, by its code such as APL-000123."),
    "target_ended": _("That application has ended. Name one that is in use."),
    "why_not_reuse": _("The report names a strong candidate for reuse. Say why it will not do."),
    "expiry_missing": _("Say until when the approval holds."),
    "expiry_range": _("The last day must lie after today and not after %(latest)s."),
    "contested_unknown": _("Only findings of this report can be contested."),
    "answer_unfit": _("Choose one of the answers."),
    "answers_missing": _("Answer at least one question."),
    "number_range": _("Write a whole number from 1 to %(most)s."),
    "family_small": _("A family needs at least two applications that are alive and not in the plan yet."),
    "successor_unfit": _("Name another application that stays, by its code."),
    "successor_leaves": _("That application moves away itself in this plan. Name one that stays."),
    "others_move_here": _("Other applications move to this one. Decide them first."),
    "basis_missing": _("Name the act by which the plan is adopted."),
    "file_empty": _("This file is empty. Choose it again."),
    "file_large": _("This file is larger than 5 MB. Choose a smaller one."),
    "file_kind": _("Only PDF, JPG and PNG can be taken."),
    "file_ending": _("The name of the file does not fit its content. Rename it, or choose another."),
    "file_many": _("There are 20 files already. Take one out first."),
}
DOCUMENTS = {
    "terms": gettext_lazy("Terms of reference (KAK)"),
    "cost_benefit": gettext_lazy("Cost-benefit analysis"),
    "security_test": gettext_lazy("Report of the security test"),
    "data_plan": gettext_lazy("Plan for data and archive"),
    "other": gettext_lazy("Other document"),
}
PATHS = {
    "full": gettext_lazy("Full path"),
    "short": gettext_lazy("Short path"),
    "notice": gettext_lazy("By notice"),
}
GAPS = {
    "record": gettext_lazy("The inventory record is missing."),
    "interface": gettext_lazy("No interface of the application is published on the exchange yet."),
    "contract": gettext_lazy(
        "No contract between your agency and the application's interface is in force yet."
    ),
    "live": gettext_lazy("The inventory record does not say that the application is in use yet."),
    "dependents": gettext_lazy("Contracts or services still depend on it."),
    "ended": gettext_lazy("Its last day has not come yet."),
}
BECAUSE = {
    "names_alike": gettext_lazy("names alike"),
    "functions_alike": gettext_lazy("functions alike"),
    "same_process": gettext_lazy("same business process"),
}
MOVE_REASONS = {
    "general_application": gettext_lazy("General application set by decree"),
    "best_scores": gettext_lazy("Best value and fit of the family"),
    "most_users": gettext_lazy("Most users, or the most complete record"),
    "same_application": gettext_lazy("The same application, registered twice"),
    "nobody_uses_it": gettext_lazy("Nobody uses it, and little speaks for it"),
    "one_product": gettext_lazy("The same product in another place"),
    "same_function": gettext_lazy("Serves the same function"),
    "stands_on_its_own": gettext_lazy("Good enough to stay; connect it over the exchange"),
    "decided_by_people": gettext_lazy("Decided by people"),
}
NEEDS = {
    "contract": pgettext_lazy("dependency", "Contract"),
    "service": pgettext_lazy("dependency", "Service"),
    "successor": gettext_lazy("An application that moves to it"),
    "request": gettext_lazy("Approved request of another agency"),
    "declared": gettext_lazy("Named in the record"),
}


def explain_fault(fault: Fault) -> str:
    """Put a fault into words. Raises KeyError for a code without words."""
    values = dict(fault.values)
    if fault.column.startswith("document:"):
        key = fault.column.partition(":")[2]
        values["document"] = str(DOCUMENTS.get(key, key))
    return gettext(_WORDS[fault.code]) % values


def explain_upload(code: str) -> str:
    """Put the fault of an uploaded file into words."""
    return gettext(_WORDS.get(code, _WORDS["file_kind"]))
