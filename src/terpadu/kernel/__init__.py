"""The shared kernel: what every domain stands on and that knows no domain.

Main words: actor (who acts), audit event (what was done), outbox event (what others must learn), timer (what must
happen later), privacy class (how a stored field is to be treated). It has no door: every module here is public.
"""
