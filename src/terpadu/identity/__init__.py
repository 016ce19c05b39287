"""Identity: who a person is, how they sign in, and in which positions they act.

Main words: person (a natural person; the only place that knows the NIK), account (lets a person sign in), sign-in
method (passkey, password, authenticator app, recovery code), sign-in (one entry of an account's history, and the
session it opened), assignment (a person holds a position in an agency from one day to another).
Door: `terpadu.identity.public`.
"""
