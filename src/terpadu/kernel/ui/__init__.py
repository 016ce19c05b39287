"""The look in code: the form renderer. Templates are in `templates/ui`, styles in `static/terpadu`."""
