"""The Kommunekompass: the municipality's own assessment in eight areas, with its evidence."""
