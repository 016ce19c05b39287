"""Who may do what now in identity, and how a page says who may see it."""
