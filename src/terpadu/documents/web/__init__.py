"""Pages anyone may open: what a QR code leads to, and the check of a file."""
