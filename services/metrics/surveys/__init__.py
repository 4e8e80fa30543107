"""Surveys of residents: our own every second year, and imported results."""
