"""Sign in with one tap as a named person of the demo country. Imported in demo mode only."""
