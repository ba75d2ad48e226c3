"""A visit by a script: somebody in the simulated headset does what a wearer does, and what they met is checked."""
