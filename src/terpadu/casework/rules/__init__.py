"""Pure rules of casework beside the definitions' own language."""
