"""The performance page of an officer."""
