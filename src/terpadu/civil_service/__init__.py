"""Civil servants and the evidence of their work.

Main words: employee (a person with an NIP in an agency), NIP (the 18-digit number of a civil servant), credit (one
handled step of a case, kept as evidence), hold (the days in which a credit can still be questioned), performance page
(what an officer sees of the own credits). A credit is evidence, never a score; machines earn none. The door is
`public`.
"""
