"""What is around the avatar: the wearer's own room, or a stage; light and shadow that join the two."""
