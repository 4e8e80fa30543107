"""The embedded stack and the command line, and what a production installation is set up with."""
