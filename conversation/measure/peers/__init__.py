"""What else runs the same models, doing the same work in turn with this project's engines."""
