"""What goes over the wire: pure and typed, without Django, network or files."""
