"""Tables of identity: persons and accounts, one module for each noun."""

from terpadu.identity.models.accounts import (
    Account,
    Assignment,
    DateRange,
    Person,
    RegistrationDraft,
    SignIn,
    TryCount,
)

__all__ = ["Account", "Assignment", "DateRange", "Person", "RegistrationDraft", "SignIn", "TryCount"]
