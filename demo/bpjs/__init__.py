"""The health insurer's (made-up) membership system: it learns of births, fetches what it needs, and registers the child.

A newborn of a member must be registered within 28 days (Perpres 82/2018 ps. 16, assumed).
"""
