"""Overlap among applications: which records are the same application, the same product, or serve the same function.

The way of a list of records: `normalise` makes words out of texts, `candidates` picks the pairs worth a look, `features`
explains each pair by numbers and words, `model` weighs them, `families` groups them by complete linkage, and `report`
holds the result with the versions of everything it depends on.
"""
