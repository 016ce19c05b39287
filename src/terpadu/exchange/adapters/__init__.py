"""Programs of others that the control plane calls."""
