"""What faults and fields are called, in the language in force."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_noop as _

from terpadu.kernel.formats import format_date, format_number, format_rupiah
from terpadu.portfolio.enums import CHOICES, CostKind
from terpadu.portfolio.faults import Fault
from terpadu.portfolio.rules.fields import FIELDS, Kind, cost_of


@dataclass(frozen=True)
class Explained:
    """A fault in words. row: as a spreadsheet counts, 0 for the whole file. column: heading or field, "" for the row."""

    code: str
    row: int
    column: str
    message: str
    remedy: str


_SAVE_AGAIN = _("Save the list as “CSV UTF-8” or XLSX and send it again; nothing was changed.")
_WORDS: dict[str, tuple[str, str]] = {
    "file_empty": (_("The file is empty."), _("Open it on your device to see whether it has content.")),
    "file_large": (_("The file is larger than %(most)s MB."), _("Split it, or send the table without pictures.")),
    "file_binary": (_("This is not a table that can be read as text."), _SAVE_AGAIN),
    "format_unknown": (_("Files of the kind “%(ending)s” are not read."), _SAVE_AGAIN),
    "encoding_unknown": (_("Row %(row)s has letters that cannot be read."), _SAVE_AGAIN),
    "csv_broken": (_("Near row %(row)s a quotation mark is not closed, or a cell is too long."), _SAVE_AGAIN),
    "xlsx_broken": (_("This workbook is damaged or locked with a password."), _SAVE_AGAIN),
    "xlsx_heavy": (
        _("This workbook takes more memory or time to read than a list does."),
        _("Cells far below or beside the table do that: copy the table alone into a new workbook and send that."),
    ),
    "zip_bomb": (
        _("This workbook unpacks to far more than it holds."),
        _("Copy the table into a new workbook and send that; nothing was changed."),
    ),
    "json_broken": (_("This is not readable JSON."), _("Check it with the program that wrote it.")),
    "json_form": (
        _("The JSON file is not a list of flat objects."),
        _("Send a list such as [{“nama”: “…”, “fungsi”: “…”}]; the API's own form is read too."),
    ),
    "yaml_broken": (_("This is not a readable publiccode.yml."), _("Check indentation and quotes near row %(row)s.")),
    "rows_many": (
        _("The list has more than %(most)s rows; reading stopped at row %(row)s."),
        _("Send one list for each agency. Delete formatting below the last row of a workbook."),
    ),
    "columns_many": (
        _("Row %(row)s has more than %(most)s columns."),
        _("Keep the columns that describe an application."),
    ),
    "cell_long": (_("A cell in row %(row)s is longer than %(most)s letters."), _("Shorten it and send the list again.")),
    "headings_unknown": (
        _("No row with headings was found among the first rows."),
        _("Begin the table with headings such as “Nama Aplikasi”, “Fungsi”, “Status”."),
    ),
    "list_columns": (
        _("No columns with names and functions were found. The headings are: %(given)s."),
        _("Name the columns with --name-column and --function-column."),
    ),
    "list_id_double": (
        _("Two rows have the identifier %(given)s."),
        _("Give each row an identifier of its own, or leave the column out."),
    ),
    "list_nameless": (_("No row has the name of an application."), _("Look whether the right column was named.")),
    "list_unreadable": (_("The file cannot be opened: %(given)s."), _("Check its name and whether you may read it.")),
    "report_unwritable": (_("The report cannot be written: %(given)s."), _("Choose another place for it.")),
    "columns_file": (
        _("The file with the columns cannot be read."),
        _("Write it as JSON with the heading of each field, such as {“name”: “Nama Aplikasi”}, in straight quotes."),
    ),
    "proposal_blank": (_("Neither a name nor a function is given."), _("Say at least one of them.")),
    "changed_meanwhile": (
        _("The inventory changed after the dry run, and rows no longer fit; nothing was written."),
        _("Look at the new dry run below."),
    ),
    "broken_off": (
        _("The program that was at this list ended before it was done; nothing was written."),
        _("Confirm the columns again: the list is read anew."),
    ),
    "given_up": (
        _("Reading or writing this list failed again and again; nothing was written."),
        _("Confirm the columns to try once more. If it fails again, tell the operator of the platform."),
    ),
    "columns_nameless": (
        _("No column is read as the name of the application."),
        _("Choose the column that holds the name."),
    ),
    "text_binary": (_("The cell has signs that are not text."), _("Type it again.")),
    "text_long": (_("The text has %(length)s letters; %(longest)s fit."), _("Shorten it.")),
    "choice_unknown": (_("“%(given)s” is not one of the known words."), _("Use one of: %(known)s.")),
    "code_form": (_("“%(given)s” is not a reference code."), _("Write it like %(example)s.")),
    "code_elsewhere": (
        _("%(given)s belongs to another list than %(prefix)s."),
        _("Move it to the column of its own list."),
    ),
    "code_unknown": (
        _("%(given)s is not a code of the reference architecture (Perpres 132/2022)."),
        _("Look it up in the list of %(prefix)s codes and correct it."),
    ),
    "code_many": (_("“%(given)s” names several codes where one belongs."), _("Keep the code that fits best.")),
    "date_form": (_("“%(given)s” is not a day."), _("Write it like 31/12/2024, 31 Desember 2024 or 2024.")),
    "count_form": (_("“%(given)s” is not a whole number."), _("Write digits only, such as 12000.")),
    "money_form": (_("“%(given)s” is not an amount."), _("Write it like 1.200.000.000 or Rp1,2 M.")),
    "money_range": (_("The amount “%(given)s” is negative or too large."), _("Write whole rupiah.")),
    "address_form": (_("“%(given)s” is not a web address."), _("Write it like https://layanan.contoh.go.id.")),
    "field_unknown": (_("This is not a field of an application."), _("Leave it out.")),
    "name_missing": (_("The application has no name."), _("Write its name.")),
    "dates_order": (
        _("The day %(second)s lies before %(first)s, which must come first."),
        _("Check the days of planning, building, use and end."),
    ),
    "agency_missing": (_("The row does not say whose application it is."), _("Write the agency's name or code.")),
    "agency_unknown": (
        _("No agency is called “%(given)s”."),
        _("Use its name or code as in the directory of agencies; a former name can be added by the national team."),
    ),
    "agency_many": (
        _("“%(given)s” may mean several agencies: %(known)s."),
        _("Write the agency's code or full name."),
    ),
    "agency_split": (
        _("“%(given)s” was split into: %(known)s."),
        _("Write which of them owns the application now."),
    ),
    "agency_renamed": (_("“%(given)s” is called %(known)s now."), _("Nothing to do; it was understood.")),
    "agency_other": (
        _("The row belongs to %(known)s, not to the agency of this list."),
        _("Take the row out, or send it as that agency."),
    ),
    "agency_not_yours": (_("You do not manage the applications of %(known)s."), _("Take the row out.")),
    "code_not_found": (
        _("The inventory has no application %(given)s of this agency."),
        _("Correct the code, or empty the cell for a new application."),
    ),
    "row_double": (_("“%(given)s” stands in row %(first)s already."), _("Keep one of the two rows.")),
    "name_many": (
        _("Several applications of the agency are called “%(given)s”."),
        _("Add a column with the agency's own identifiers, or the code of the inventory."),
    ),
    "local_id_taken": (
        _("The identifier “%(given)s” belongs to another application of the agency."),
        _("Correct the identifier or the code."),
    ),
    "successor_unknown": (
        _("No application of the agency is called “%(given)s”."),
        _("Write the successor's code, identifier or exact name."),
    ),
    "successor_cycle": (
        _("“%(given)s” would lead back to this application."),
        _("Name as successor the application that stays."),
    ),
}  # fmt: skip
LABELS: dict[str, str | Promise] = {
    "agency": gettext_lazy("Agency"),
    "code": gettext_lazy("Code in the inventory"),
    "local_id": gettext_lazy("Identifier of the agency"),
    "name": pgettext_lazy("application", "Name"),
    "short_name": gettext_lazy("Short name"),
    "description": pgettext_lazy("application", "Description"),
    "function": gettext_lazy("Function"),
    "rab_codes": gettext_lazy("Business process (RAB)"),
    "ral_codes": gettext_lazy("Service (RAL)"),
    "rad_codes": gettext_lazy("Data (RAD)"),
    "raa_code": gettext_lazy("Application type (RAA)"),
    "services": gettext_lazy("Services supported"),
    "data_used": gettext_lazy("Data used"),
    "outputs": gettext_lazy("Outputs"),
    "platforms": gettext_lazy("Platform"),
    "server": gettext_lazy("Application server"),
    "licence": gettext_lazy("Licence"),
    "languages": gettext_lazy("Programming languages"),
    "frameworks": gettext_lazy("Frameworks"),
    "databases": gettext_lazy("Databases"),
    "developer_unit": gettext_lazy("Developing unit"),
    "operator_unit": gettext_lazy("Operating unit"),
    "related": gettext_lazy("Related metadata"),
    "application_class": gettext_lazy("Class"),
    "user_groups": gettext_lazy("Users"),
    "users_target": gettext_lazy("Users planned"),
    "users_actual": gettext_lazy("Users counted"),
    "state": gettext_lazy("State"),
    "planned_on": gettext_lazy("Planned on"),
    "building_on": gettext_lazy("Building began on"),
    "live_on": gettext_lazy("In use since"),
    "ending_on": gettext_lazy("To end on"),
    "ended_on": gettext_lazy("Ended on"),
    "successor": gettext_lazy("Successor"),
    "url": gettext_lazy("Public address"),
    "store_ids": gettext_lazy("Identifiers in app stores"),
    "repository": gettext_lazy("Source repository"),
    "hosting": gettext_lazy("Hosting"),
    "security_category": gettext_lazy("Security category"),
    "audited_on": gettext_lazy("Last audit"),
    "criticality": gettext_lazy("Criticality"),
    "funding": gettext_lazy("Funding"),
    "contract_number": gettext_lazy("Contract number"),
    "contract_vendor": gettext_lazy("Supplier"),
    "contract_value": gettext_lazy("Contract value"),
    "contract_until": gettext_lazy("Contract until"),
    "interfaces": gettext_lazy("Interfaces on the exchange"),
    "dependents": gettext_lazy("Services that depend on it"),
    "clients": gettext_lazy("Sign-in clients"),
    "costs": gettext_lazy("Cost"),
}


def explain(fault: Fault) -> Explained:
    """Put a fault into words. Raises KeyError for a code without words."""
    message, remedy = _WORDS[fault.code]
    values = {"row": str(fault.row), **fault.values}
    if field := values.get("field"):
        values["known"] = ", ".join(str(one.label) for one in CHOICES[field])
    return Explained(
        code=f"portfolio.{fault.code}",
        row=fault.row,
        column=str(label(fault.column)) if fault.column in FIELDS else fault.column,
        message=gettext(message) % values,
        remedy=gettext(remedy) % values,
    )


def label(field: str) -> str | Promise:
    """Return what a field, or a column of costs such as "cost:2024:build", is called; "" is the record's birth."""
    if cost := cost_of(field):
        year, kind = cost
        return f"{LABELS['costs']} {year}: {CostKind(kind).label if kind in CostKind else kind}"
    return LABELS.get(field, field) if field else gettext("Record made")


def said_again(field: str, text: str) -> str:
    """Return a value that a plan or a history keeps as one line the way people read it.

    text: as `written` gives it. What cannot be read any more stays as it is.
    """
    if not text:
        return ""
    if field in CHOICES:
        labels = {str(one.value): str(one.label) for one in CHOICES[field]}
        return ", ".join(labels.get(part, part) for part in text.split("; "))
    kind = Kind.MONEY if cost_of(field) else FIELDS[field].kind if field in FIELDS else Kind.TEXT
    try:
        return _SAYERS[kind](text) if kind in _SAYERS else text
    except ValueError:
        return text


_SAYERS: dict[Kind, Callable[[str], str]] = {
    Kind.DATE: lambda text: format_date(date.fromisoformat(text)),
    Kind.COUNT: lambda text: format_number(int(text)),
    Kind.MONEY: lambda text: format_rupiah(int(text)),
}
