"""The platform: one Django project, a modular monolith of domains over a shared kernel."""
