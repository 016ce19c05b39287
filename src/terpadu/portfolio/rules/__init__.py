"""Pure rules of the portfolio: plain data in, plain data out."""
