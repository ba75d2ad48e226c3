"""What is seen of the user's own hands: where they point, and where they are in a room that is drawn."""
