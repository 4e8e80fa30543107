"""Historic cases of another system, from a file to the figures: `svarfrist import`."""
