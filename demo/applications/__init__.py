"""27,000 made-up applications of 600 made-up agencies, with planted families whose truth is known.

The texts follow the grammar of real lists. Words and paraphrases are this package's own: it neither reads nor imports the
detector's synonym table, and the detector does not read this package; still both were written by the same authors, so a
recall measured here is an optimistic one.
"""

from demo.applications.agencies import owners
from demo.applications.country import Portfolio, portfolio

__all__ = ["Portfolio", "owners", "portfolio"]
