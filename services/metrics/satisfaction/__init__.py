"""What residents say after the answer: how they were met, and what they got, apart from each other."""
