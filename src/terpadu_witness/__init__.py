"""A witness of transparency logs: small enough that an ombudsman, a court of audit or a university runs its own.

It remembers the newest state of each log that it knows and signs a newer one only when that begins with the old one
(C2SP tlog-witness). It needs no account, no Django and nothing of the platform but public keys.
"""
