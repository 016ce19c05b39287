"""The citizen's front: catalogue, search, applications, inbox, wallet and trail, composed from the doors of lower domains.

It owns pages and no tables. Main words: life event (why a person comes), service (what can be asked of an agency),
application (a person's case), document (what came out of it), trail (who read the person's data). Nobody stands above
it, so it has no door.
"""
