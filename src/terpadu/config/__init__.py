"""The composition root: settings, addresses, processes, the command line. The only package that may know everybody."""
