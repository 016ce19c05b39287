"""Overlaps by plain likeness of letters in the database (pg_trgm): what answers while the overlap engine has no report.

It knows no synonyms and no codes beyond equality, and says so by its name in every report.
"""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.search import SearchQuery, SearchRank, TrigramSimilarity, TrigramWordSimilarity
from django.db import connection
from django.db.models import F, FloatField, QuerySet, Value
from django.db.models.functions import Coalesce, Upper

from terpadu.portfolio.enums import LifeState
from terpadu.portfolio.models import Application
from terpadu.portfolio.models.applications import SEARCH_CONFIG
from terpadu.portfolio.overlap_desk import Candidate, Finding
from terpadu.portfolio.rules.overlap.normalise import split_name
from terpadu.portfolio.rules.overlap.records import OverlapRecord
from terpadu.portfolio.rules.overlap.vocabulary import stem
from terpadu.portfolio.rules.stems import words

ENGINE = "pg_trgm"
VERSION = "1"
LEAST = 0.25
FUNCTION_WEIGHT = 0.9  # a function is said in many words, so likeness there says a little less than in a name
SAME_PROCESS = 0.1
LOOKED_AT = 40
MOST_LETTERS = 120
SHOWN = ("code", "name", "function", "state", "rab_codes", "agency__code", "agency__name")
MOST_WORDS = 16
COMMON = 500
COMMON_WORDS = """
    select word from pg_stats join pg_class on relname = tablename,
        unnest(most_common_elems::text::text[], most_common_elem_freqs) as known (word, share)
    where tablename = %s and attname = 'search' and share * reltuples > %s and word = any(%s)
"""


class LettersDesk:
    """Compare names and functions by their trigrams; a common business process adds a little."""

    def look(self, proposal: OverlapRecord, *, most: int, leave_out: str = "") -> Finding:
        """Return the applications whose name or function is spelled most alike. Five queries."""
        rows = Application.objects.exclude(code=leave_out) if leave_out else Application.objects.all()
        found = [self._candidate(row, proposal) for row in _nearest(rows, proposal, most=most * 2)]
        kept = sorted((one for one in found if one.score >= LEAST), key=lambda one: (-one.score, one.code))
        return Finding(ENGINE, {"engine": VERSION}, rows.count(), tuple(kept[:most]))

    def warm(self) -> None:
        """Do nothing: the database is always ready."""

    def _candidate(self, row: Application, proposal: OverlapRecord) -> Candidate:
        name, function = float(getattr(row, "like_name")), float(getattr(row, "like_function"))  # noqa: B009 - annotated
        process = bool(set(proposal.rab) & set(row.rab_codes))
        score = min(1.0, max(name, function * FUNCTION_WEIGHT) + (SAME_PROCESS if process else 0))
        shared = {*_words(proposal.name), *_words(proposal.function)} & {
            *_words(row.name),
            *_words(row.function),
        }
        return Candidate(
            code=row.code,
            name=row.name,
            agency_code=row.agency.code,
            agency_name=row.agency.name,
            state=row.state,
            score=round(score, 3),
            because={
                "names_alike": round(name, 3),
                "functions_alike": round(function, 3),
                "same_process": float(process),
            },
            words=tuple(sorted(shared)[:12]),
        )


def _nearest(rows: QuerySet[Application], proposal: OverlapRecord, *, most: int) -> list[Application]:
    """Return the rows most alike among those that share words or have a name alike; both are found by an index."""
    alive = rows.exclude(state=LifeState.ENDED)
    said = list(dict.fromkeys(map(stem, words(f"{proposal.name} {proposal.function[:400]}"))))
    common = _common_words(said) if said else set()
    near = {*_sharing_words(alive, said, common=common), *_alike_names(alive, proposal, common=common)}
    zero = Value(0.0, output_field=FloatField())
    name = TrigramSimilarity(Upper("name"), proposal.name.upper()) if proposal.name else zero
    function = (
        TrigramWordSimilarity(proposal.function[:MOST_LETTERS], "function") if proposal.function else zero
    )
    found = Application.objects.filter(pk__in=near).select_related("agency").only(*SHOWN)
    scored = found.annotate(like_name=Coalesce(name, zero), like_function=Coalesce(function, zero))
    # Sorted here: the database would count each likeness once for the row and once more for its order.
    return sorted(scored, key=lambda row: (-_likeness(row), row.code))[:most]


def _likeness(row: Application) -> float:
    return max(float(getattr(row, "like_name")), float(getattr(row, "like_function")))  # noqa: B009 - annotated


def _sharing_words(rows: QuerySet[Application], said: list[str], *, common: set[str]) -> list[UUID]:
    """Return the rows that share telling words; those that very many records say find nothing and cost most."""
    if not said:
        return []
    telling = [one for one in said if one not in common]
    # Where every word is common, those that say all of them are near.
    text = " | ".join(telling[:MOST_WORDS]) if telling else " & ".join(said[:MOST_WORDS])
    query = SearchQuery(text, config=SEARCH_CONFIG, search_type="raw")
    ranked = rows.filter(search=query).annotate(rank=SearchRank(F("search"), query))
    return list(ranked.order_by("-rank", "code").values_list("pk", flat=True)[:LOOKED_AT])


def _common_words(said: list[str]) -> set[str]:
    """Return which words more than COMMON records say, as PostgreSQL's statistics of the search column have it."""
    with connection.cursor() as cursor:
        cursor.execute(COMMON_WORDS, [Application._meta.db_table, COMMON, said])
        return {word for (word,) in cursor.fetchall()}


def _alike_names(rows: QuerySet[Application], proposal: OverlapRecord, *, common: set[str]) -> list[UUID]:
    """Return the rows whose name has a part like the proposal's short name, else like its name, common words left out."""
    short, written_out = split_name(proposal.name)
    telling = [word for word in (short or written_out).split() if stem(word.lower()) not in common]
    name = " ".join(telling).upper()
    if not name:
        return []
    alike = rows.annotate(upper=Upper("name")).filter(upper__trigram_word_similar=name)
    return list(alike.order_by("code").values_list("pk", flat=True)[:LOOKED_AT])


def _words(text: str) -> set[str]:
    return {word for word in text.casefold().split() if len(word) > 3}
