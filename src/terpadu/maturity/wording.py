"""What a fault says to a person: what is wrong, and what to do about it, in the language in force."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from terpadu.maturity.faults import Fault


@dataclass(frozen=True)
class Explained:
    """A fault in words. line: 1-based, 0 when unknown. place, column: where, "" when it concerns the whole."""

    code: str
    line: int
    place: str
    column: str
    message: str
    remedy: str


_WORDS: dict[str, tuple[str, str]] = {
    "level_blank": (
        _("Indicator %(indicator)s has no level."),
        _("Give a level from %(lowest)s to %(highest)s."),
    ),
    "level_word": (
        _("The level of indicator %(indicator)s is “%(given)s”, which is not a number."),
        _("Write the level as a digit from %(lowest)s to %(highest)s."),
    ),
    "level_outside": (
        _(
            "The level of indicator %(indicator)s is %(given)s; this instrument knows %(lowest)s to %(highest)s."
        ),
        _("Give a level from %(lowest)s to %(highest)s."),
    ),
    "level_fraction": (
        _("The level of indicator %(indicator)s is %(given)s; a level is a whole number."),
        _("Give the highest level whose criteria are all met, without decimals."),
    ),
    "table_unreadable": (
        _("This is not a readable CSV file."),
        _("Save the table as “CSV UTF-8” and send it again."),
    ),
    "header_unknown": (
        _("The first line does not name the columns."),
        _("Begin the file with “indicator,level”, “aspect,value” or “domain,value”."),
    ),
    "no_domains": (
        _("The instrument %(code)s has no domains."),
        _("Give values of its aspects or its indicators."),
    ),
    "number_unknown": (
        _("The instrument %(code)s has no %(kind)s “%(number)s”."),
        _("Check the number, or choose the instrument that the file was made for."),
    ),
    "number_double": (
        _("%(kind)s %(number)s stands in the file twice."),
        _("Keep one of the two rows."),
    ),
    "year_outside": (
        _("The year %(year)s is not measured with the instrument %(code)s."),
        _("Choose the instrument that was in force in that year."),
    ),
    "value_wrong": (
        _("The value of %(kind)s %(number)s is “%(given)s”."),
        _("Give a number from %(lowest)s to %(highest)s, such as 3.17."),
    ),
    "rows_missing": (
        _("Rows are missing: %(kind)s %(numbers)s."),
        _("Add one row for each of them."),
    ),
    "sheet_columns": (
        _("Columns are missing: %(names)s."),
        _("Download the sheet again and fill it in without changing its first line."),
    ),
    "sheet_row": (
        _("This row is not complete."),
        _("Download the sheet again and copy your answer into it."),
    ),
    "sheet_other": (
        _("This row belongs to another agency, year or instrument."),
        _("Use the sheet of %(agency)s for %(year)s."),
    ),
    "sheet_changed": (
        _("Somebody has changed indicator %(indicator)s since this sheet was downloaded."),
        _("Download the sheet again, compare, and enter your answer anew."),
    ),
    "sheet_explanation": (
        _("Indicator %(indicator)s has a level without an explanation."),
        _("Write why the criteria of this level are met."),
    ),
    "sheet_service": (
        _("Indicator %(indicator)s does not name the service that is assessed."),
        _("Write the name of the service in the column service_name."),
    ),
    "sheet_text_long": (
        _("The text of indicator %(indicator)s is longer than %(most)s characters."),
        _("Say the essential here, and add the rest as evidence."),
    ),
    "sheet_character": (
        _("This cell has a character that cannot be kept."),
        _("Type the text of this cell anew."),
    ),
    "sheet_too_large": (
        _("The file is larger than %(megabytes)s megabytes."),
        _("The sheet holds text alone; take pictures and other sheets out of it."),
    ),
    "sheet_not_text": (
        _("This is neither an Excel workbook (.xlsx) nor a CSV file in UTF-8."),
        _("Save the sheet as “Excel workbook (.xlsx)” or “CSV UTF-8” and send it again."),
    ),
    "workbook_unreadable": (
        _("This workbook cannot be opened."),
        _(
            "Open it on your computer, save it as “Excel workbook (.xlsx)” without a password, and send it again."
        ),
    ),
    "workbook_bomb": (
        _("Unpacked, this workbook would be larger than %(megabytes)s megabytes, or it has too many parts."),
        _("Download the sheet again and copy your answers into it."),
    ),
    "workbook_hostile": (
        _("This workbook has a part that a spreadsheet never needs and that can do harm."),
        _("Download the sheet again and copy your answers into it."),
    ),
    "workbook_rows": (
        _("The sheet has more than %(rows)s rows."),
        _("Keep one row for each indicator."),
    ),
    "workbook_merged": (
        _("The cells %(range)s are merged."),
        _("Unmerge them, so that each answer has its own row."),
    ),
    "cell_formula": (
        _("This cell holds a formula."),
        _("Replace the formula by its value; formulas are never computed here."),
    ),
    "cell_date": (
        _("This cell holds a date or a time."),
        _("Give the cell the format “Text” and type the value again."),
    ),
    "cell_error": (
        _("This cell holds an error of the spreadsheet program."),
        _("Replace it by the value that you mean."),
    ),
    "instrument_too_large": (
        _("The file is larger than two megabytes."),
        _("An instrument is text; take out what does not belong to it."),
    ),
    "instrument_not_yaml": (
        _("This is not a readable YAML file, or a key stands in it twice."),
        _("Check indentation, quotes and double keys near this line."),
    ),
    "instrument_field_missing": (
        _("“%(name)s” is missing."),
        _("Add it; a shipped instrument shows how."),
    ),
    "instrument_field_unknown": (
        _("“%(name)s” is not a field of an instrument."),
        _("Correct its spelling or take it out."),
    ),
    "instrument_number_inexact": (
        _("“%(name)s” is not an exact number."),
        _('Write it in quotes, such as "2.75" or "10/3", so that no digit is lost.'),
    ),
    "instrument_field_wrong": (
        _("“%(name)s” is not what belongs here (%(reason)s)."),
        _("Correct the value; a shipped instrument shows how."),
    ),
    "instrument_number_double": (
        _("“%(number)s” is used twice."),
        _("Give each its own number."),
    ),
    "instrument_weight_zero": (
        _("“%(number)s” has a weight of zero or less."),
        _("Give it a weight above zero, or take it out."),
    ),
    "instrument_parent_unknown": (
        _("It belongs to “%(number)s”, which does not exist."),
        _("Name a domain or aspect that the file has."),
    ),
    "instrument_level_set": (
        _("There is no set of levels called “%(name)s”."),
        _("Name one of the sets under level_sets."),
    ),
    "instrument_weights": (
        _("The parts add up to %(total)s, not to %(expected)s."),
        _("Correct the weights until they add up exactly."),
    ),
    "instrument_band_empty": (
        _("The band “%(band)s” ends where it begins, or before."),
        _("Its upper limit must be above its lower limit."),
    ),
    "instrument_band_hole": (
        _("No band covers the values from %(upper)s to %(lower)s."),
        _("Let each band begin where the one below it ends."),
    ),
    "instrument_band_overlap": (
        _("Two bands cover the values from %(lower)s to %(upper)s."),
        _("Let each band begin where the one below it ends."),
    ),
    "instrument_band_end": (
        _("The bands do not reach the end of the scale, %(limit)s."),
        _("Let the lowest band begin and the highest band end with the scale."),
    ),
    "instrument_scale": (
        _("The scale ends where it begins, or before."),
        _("The highest level must be above the lowest."),
    ),
    "agencies_columns": (
        _("Columns are missing: %(names)s."),
        _("Begin the file with “kode,nama,kelompok,jenis,wilayah”."),
    ),
    "agencies_many": (
        _("The list has more than %(rows)s rows."),
        _("Keep one row for each agency."),
    ),
    "agencies_code": (
        _("“%(code)s” cannot be the code of an agency."),
        _("Use small letters, digits, dots and hyphens, such as “kota.36.71”."),
    ),
    "agencies_double": (
        _("The agency %(code)s stands in the list twice."),
        _("Keep one of the two rows."),
    ),
    "agencies_name": (
        _("The agency %(code)s has no name, or one of more than 200 characters."),
        _("Write its name as it will be published."),
    ),
    "agencies_group": (
        _("The group of %(name)s is not known."),
        _("Write kementerian, lembaga, provinsi, kabupaten or kota."),
    ),
    "agencies_kind": (
        _("The kind of measurement of %(name)s is not known."),
        _("Write pemantauan or evaluasi."),
    ),
    "agencies_region": (
        _("The region of %(name)s is not a code of a province, regency or city."),
        _("Write it as “36” or “36.71”; leave it empty for a national agency."),
    ),
    "instrument_level_missing": (
        _("Level %(level)s is missing."),
        _("Give each level of the scale, or declare the criteria absent and say why."),
    ),
    "instrument_level_extra": (
        _("Level %(level)s stands there twice, or is outside the scale."),
        _("Keep each level of the scale once."),
    ),
    "instrument_first_stage": (
        _("The first stage is not the agency's own."),
        _("Begin with the self-assessment."),
    ),
    "instrument_years": (
        _("The last year is before the first."),
        _("Correct the years in which the instrument is in force."),
    ),
    "instrument_target": (
        _("The target is outside the scale."),
        _("Give a target that an agency can reach."),
    ),
}


def fault_codes() -> frozenset[str]:
    """Return every code that has words."""
    return frozenset(_WORDS)


def explain(fault: Fault) -> Explained:
    """Put a fault into words. Raises KeyError for a code without words (a test holds all codes against this table)."""
    message, remedy = _WORDS[fault.code]
    return Explained(
        code=f"maturity.{fault.code}",
        line=fault.line,
        place=fault.place,
        column=fault.column,
        message=gettext(message) % fault.values,
        remedy=gettext(remedy) % fault.values,
    )
