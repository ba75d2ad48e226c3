"""What lies beneath the avatar: the floor of a stage, and the shadow on it or on the wearer's own."""
