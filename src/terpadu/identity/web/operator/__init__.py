"""The operator's pages: what waits, clients, keys, abuse, locks, audit. Persons appear by their code alone."""
