"""What gateways and managers call over HTTP; no pages."""
