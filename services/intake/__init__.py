"""Intake: takes in what residents write, and shows them what became of it."""
