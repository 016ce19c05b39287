"""Reads of clearance: who has which part, what waits for whom, what a dossier shows, what everyone may know."""
