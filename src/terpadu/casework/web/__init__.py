"""Web entries of casework: the officers' workbench."""
