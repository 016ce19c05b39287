"""What gateways and managers call over HTTP, and the pages about purposes, consents and explanations."""
