"""The program in which a workbook is read: a native library and a stranger's file, kept apart from everything else.

It may use so much memory, processor time and disk and no more, and when the file makes the library fail, this program ends and the
caller lives. The workbook comes on standard input; on standard output go the names of the visible sheets, in one line, then
each row that says something: the sheet's number, the row's number and the cells, as JSON.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import Iterator

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from terpadu.portfolio.rules.cells import from_spreadsheet

MOST_MEMORY = 1024**3  # a list of 100,000 rows and 100 columns takes 600 MB
MOST_SECONDS = 60
MOST_WRITTEN = 512 * 1024**2
UNREADABLE = 3

Line = tuple[int, int, list[str]]


def main() -> None:
    """Read the workbook. Arguments: the most sheets and rows to write. Ends with UNREADABLE when it is none."""
    _stay_small()
    sheets, rows = map(int, sys.argv[1:])
    try:
        with CalamineWorkbook.from_filelike(sys.stdin.buffer) as book:
            kept = [one.name for one in book.sheets_metadata if one.visible is SheetVisibleEnum.Visible]
            _write(kept[:sheets])
            for number, name in enumerate(kept[:sheets]):
                for line in _lines(book.get_sheet_by_name(name), number, rows=rows):
                    _write(line)
    except (CalamineError, OSError, ValueError):
        sys.exit(UNREADABLE)


def _lines(sheet: CalamineSheet, sheet_number: int, *, rows: int) -> Iterator[Line]:
    """Yield the rows that are not blank, and the last one allowed in any case: it tells that there may be more."""
    before = [""] * sheet.start[1] if sheet.start else []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        said = [*before, *map(from_spreadsheet, cells)]
        while said and not said[-1]:
            said.pop()
        if said or number == rows:
            yield sheet_number, number, said
        if number == rows:
            return


def _write(said: list[str] | Line) -> None:
    sys.stdout.write(json.dumps(said) + "\n")


def _stay_small() -> None:
    for limit, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_FSIZE, MOST_WRITTEN),
        (resource.RLIMIT_CORE, 0),
    ):
        _, hard = resource.getrlimit(limit)
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(limit, (bound, bound))
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # too much written ends it as too much memory does


if __name__ == "__main__":
    main()
