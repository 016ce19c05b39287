"""Rationalisation: how good an application is, what becomes of each member of a family, in which order, and what it saves.

`scores` places an application in the TIME quadrants, `proposals` gives each member its fate, `dependencies` says what breaks,
`waves` orders the moves, `savings` counts conservatively, `endings` names the steps and the legal form.
"""
