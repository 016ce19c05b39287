"""The service-definition language: strict loader, models, rules, publishing checks. Pure: no database, no clock."""
