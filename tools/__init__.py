"""Developer-only programs: set-up, checks, tests, message catalogues, generated docs."""
