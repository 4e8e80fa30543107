"""A simulated year through the real services on a test clock, with processes killed at random, and judged."""
