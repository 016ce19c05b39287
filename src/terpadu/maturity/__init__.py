"""Maturity: how far the digital government of every agency has come, measured once a year.

Main words: instrument (a versioned questionnaire with weights, levels and bands), round (one year's measurement), locus
(one agency in a round), assessment (the level that one stage gives an indicator, with text and evidence), result (index,
domains and aspects of a locus, exact and as published). Door: `terpadu.maturity.public`.
"""
