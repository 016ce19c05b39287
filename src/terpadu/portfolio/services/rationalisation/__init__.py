"""Writes of rationalisation: assessments of applications, consolidation plans and their moves."""
