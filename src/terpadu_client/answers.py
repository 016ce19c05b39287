"""What came back from a call."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Answer(Generic[T]):
    """An answer. body: its JSON, or what `parse` made of it; only fields that the contract lets through.

    transaction_id: the exchange, as both sides' records and the person's trail name it. read_at: when the provider
    signed it, None when the gateway did not say.
    """

    body: T
    status: int
    transaction_id: str
    read_at: datetime | None
