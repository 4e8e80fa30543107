"""Promises in force, the reminder ladder, and every message sent."""
