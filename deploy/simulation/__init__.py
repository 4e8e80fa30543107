"""A municipality's year, made up: how much comes when, what becomes of it, and the events that tell it."""
