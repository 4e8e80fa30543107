"""The embedded stack, the command line, and what production needs."""
