"""The GL context, and compute shaders loaded by name."""
