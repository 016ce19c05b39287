"""The door of maturity: published results, and the place where others say what they can count about an agency."""

from terpadu.maturity.facts import FactSubject, PlatformFact, register_fact
from terpadu.maturity.selectors.published import (
    PublishedResult,
    PublishedRound,
    published_result,
    published_round,
    published_rounds,
)

__all__ = [
    "FactSubject",
    "PlatformFact",
    "PublishedResult",
    "PublishedRound",
    "published_result",
    "published_round",
    "published_rounds",
    "register_fact",
]
