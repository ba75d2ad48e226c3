"""From pictures of a person, taken by several cameras at once, to an avatar of her (docs/training.md)."""
