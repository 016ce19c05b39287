"""Pure rules of identity, one module for each noun."""
