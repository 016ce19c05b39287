"""Search and browse: Indonesian full text first, likeness of names when that finds nothing.

A question about a confidential field (technology, cost) is answered only over records that the asker may see: otherwise the
number of hits would tell what the page hides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramWordSimilarity
from django.db.models import F, Q
from django.db.models.functions import Upper

from terpadu.portfolio.models import Application, ApplicationQuerySet
from terpadu.portfolio.models.applications import SEARCH_CONFIG
from terpadu.portfolio.policies import Access
from terpadu.portfolio.rules.overlap.vocabulary import stem
from terpadu.portfolio.rules.stems import is_word, words

LONGEST_QUERY = 120
MOST_WORDS = 8
LIKE = 0.5
MOST_RANKED = 2000
CONFIDENTIAL = ("technology", "cost_from", "cost_to")


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for; "" and None leave a question out. code: of the reference architecture, with all below it."""

    q: str = ""
    agency: str = ""
    code: str = ""
    state: str = ""
    application_class: str = ""
    platform: str = ""
    technology: str = ""
    cost_from: int | None = None
    cost_to: int | None = None


@dataclass(frozen=True)
class Hits:
    """What was found. is_like: nothing fits the words, these names are only alike."""

    rows: ApplicationQuerySet
    is_like: bool = False


def search(wanted: Wanted, *, access: Access) -> Hits:
    """Return the records that fit, best first, else by name. The rows are read when they are shown."""
    rows = _allowed(Application.objects.select_related("agency").defer("search"), wanted, access)
    rows = rows.filter(**_plain_filters(wanted))
    rows = _in_tree(rows, wanted.code)
    rows = _by_technology(rows, wanted.technology)
    rows = _by_cost(rows, wanted)
    text = wanted.q.strip()[:LONGEST_QUERY]
    if not text:
        return Hits(rows.order_by("name", "id"))
    if re.fullmatch(r"APL-\d{6,}", text.upper()):
        return Hits(rows.filter(code=text.upper()))
    fitting, query = _by_words(rows, text)
    found = fitting[: MOST_RANKED + 1].count()
    if not found:
        return Hits(_alike(rows, text), is_like=True)
    if found > MOST_RANKED:  # so many hits are no answer yet; ranking them all would only cost time
        return Hits(fitting.order_by("name", "id"))
    ranked = fitting.annotate(rank=SearchRank(F("search"), query))
    return Hits(ranked.order_by("-rank", "name", "id"))


def _allowed(rows: ApplicationQuerySet, wanted: Wanted, access: Access) -> ApplicationQuerySet:
    asks_confidential = any(getattr(wanted, name) not in ("", None) for name in CONFIDENTIAL)
    if asks_confidential and not access.is_national:
        return rows.filter(agency__code__in=access.agencies)
    return rows


def _plain_filters(wanted: Wanted) -> Mapping[str, object]:
    filters: dict[str, object] = {
        "agency__code": wanted.agency,
        "state": wanted.state,
        "application_class": wanted.application_class,
        "platforms__contains": [wanted.platform] if wanted.platform else "",
    }
    return {name: value for name, value in filters.items() if value}


def _in_tree(rows: ApplicationQuerySet, code: str) -> ApplicationQuerySet:
    return rows.filter(code_paths__contains=[code]) if code else rows


def _by_technology(rows: ApplicationQuerySet, technology: str) -> ApplicationQuerySet:
    if not technology:
        return rows
    word = [technology[:60]]
    return rows.filter(
        Q(languages__contains=word) | Q(frameworks__contains=word) | Q(databases__contains=word)
    )


def _by_cost(rows: ApplicationQuerySet, wanted: Wanted) -> ApplicationQuerySet:
    """Keep those whose cost over all years lies between two amounts."""
    if wanted.cost_from is None and wanted.cost_to is None:
        return rows
    if wanted.cost_from is not None:
        rows = rows.filter(cost_total__gte=wanted.cost_from)
    return rows if wanted.cost_to is None else rows.filter(cost_total__lte=wanted.cost_to)


def _by_words(rows: ApplicationQuerySet, text: str) -> tuple[ApplicationQuerySet, SearchQuery]:
    """Keep those that have every word in any Indonesian form; of a word without an Indonesian root, one that begins like it."""
    asked = [stem(word) if is_word(word) else f"{word}:*" for word in words(text)[:MOST_WORDS]]
    query = SearchQuery(" & ".join(dict.fromkeys(asked)), search_type="raw", config=SEARCH_CONFIG)
    return (rows.filter(search=query) if asked else rows.none()), query


def _alike(rows: ApplicationQuerySet, text: str) -> ApplicationQuerySet:
    """Keep those whose name or short name has a part like the text, typing errors allowed."""
    like = rows.annotate(
        upper_name=Upper("name"), likeness=TrigramWordSimilarity(text.upper(), Upper("name"))
    )
    return like.filter(upper_name__trigram_word_similar=text.upper(), likeness__gte=LIKE).order_by(
        "-likeness", "name", "id"
    )
