"""Cells that spreadsheet programs would run: a text that begins like a formula gets an apostrophe in front (CWE-1236)."""

from __future__ import annotations

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "'")


def guarded(cell: str) -> str:
    """Return a cell as it may be written into a CSV or XLSX file that people open."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def bare(cell: str) -> str:
    """Take the apostrophe of `guarded` away again."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell
