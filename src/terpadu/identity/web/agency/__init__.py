"""An agency's applications: its own pages, and the operator's who approves."""
