"""Template words of the portfolio."""
