"""Casework: services as data, the cases people open for them, and the officers' workbench.

Owns the service-definition language (`definitions`), the published definitions, cases with their answers, tasks, events,
attachments and deadlines. Main words: definition, case, step, task, answer with its provenance. Door: `public`.
"""
