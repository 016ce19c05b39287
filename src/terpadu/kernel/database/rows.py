"""Rows of SQL written out, as instances of their model.

For the few statements on which every request waits: Django's `raw` works out anew each time which column is which field.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models

M = TypeVar("M", bound=models.Model)
Reader = Callable[[Any, None, Any], Any]


class Columns(Generic[M]):
    """All columns of a model: named in a statement, then read from its answer."""

    def __init__(self, model: type[M]) -> None:
        self._model = model
        self._fields = model._meta.concrete_fields
        self._names = [field.attname for field in self._fields]
        self._readers: list[tuple[int, Reader]] = [
            (index, field.from_db_value)
            for index, field in enumerate(self._fields)
            if hasattr(field, "from_db_value")
        ]

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._names)

    def of(self, table: str) -> str:
        """Return them for a `select`. table: its alias in the statement."""
        return ", ".join(f"{table}.{field.column}" for field in self._fields)

    def read(self, values: Sequence[Any]) -> M:
        """Return the instance of a row. values: in the order in which `of` names the columns."""
        found = list(values)
        for index, reader in self._readers:
            found[index] = reader(found[index], None, connection)
        return self._model.from_db(DEFAULT_DB_ALIAS, self._names, found)
