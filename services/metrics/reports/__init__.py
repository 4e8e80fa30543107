"""Reports of the balance sheet: what they say, how they are shown, frozen and sent."""
