"""What the services share: contracts, the deadline calculus, and the ways to database and bus."""
