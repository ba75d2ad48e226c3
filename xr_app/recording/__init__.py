"""A session kept as a tape, and played again to the same pictures."""
