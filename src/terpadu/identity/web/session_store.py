"""Django's sessions in the database, each read together with who is signed in by it (`settings.SESSION_ENGINE`)."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from terpadu.identity.selectors.sessions import StoredSession, session_read


class SessionStore(db.SessionStore):
    """A session. stored: as it was found in this request, None before that and when there was none."""

    stored: StoredSession | None = None

    def load(self) -> dict[str, Any]:
        """Return what the session remembers, nothing when there is none or it has expired. One query."""
        self.stored = session_read(self.session_key or "", at=timezone.now())
        if self.stored is None:
            self._session_key = None  # as Django's: a key that names nothing is never used again
            return {}
        return self.decode(self.stored.data)
