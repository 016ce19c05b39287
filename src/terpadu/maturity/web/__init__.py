"""Pages of maturity: results for everyone under /indeks/, work pages under /maturitas/."""
