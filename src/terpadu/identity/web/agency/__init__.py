"""An agency's applications: its own pages."""
