"""The pure rules of maturity: no table, clock, network or setting; every number is exact until it is published."""
