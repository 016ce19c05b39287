"""Clearance: which steps a request takes, which path it goes, what a decision needs, and when it is delivered.

`states` is the state machine, `procedure` the path by kind of agency and size, `drafts` what a request must say, `decisions`
what a decision must say, `delivery` what must exist before a request is closed, `uploads` which files are taken.
"""
