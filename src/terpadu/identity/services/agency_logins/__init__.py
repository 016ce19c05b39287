"""Agencies' own logins: registered and approved, linked once by each officer, and then their way in to their work."""
