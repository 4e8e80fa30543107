"""The local mailbox of the embedded stack: catches what would be sent, and shows it at /postkasse."""
