"""Two ways to turn splats into a picture, one interface."""
