"""Writes of clearance, by step: drafts, documents, submission, screening, reviews, decisions, appeals, delivery, deadlines."""
