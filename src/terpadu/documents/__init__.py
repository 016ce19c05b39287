"""Documents that agencies issue: typeset, signed, kept, shown to their holder and verifiable by anyone.

Main words: document (one issued paper with a number, a holder and a status), kind (its template, facts and names, as
data in `kinds/`), token (128 random bits in its QR code, the address of its verification page), signer (the officer
whose name it bears), verdict (what an uploaded file turns out to be). The door is `public`.
"""
