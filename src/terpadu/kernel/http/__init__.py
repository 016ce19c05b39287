"""What every page shares: request ids, error pages, security headers."""
