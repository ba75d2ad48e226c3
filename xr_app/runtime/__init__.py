"""The OpenXR runtime: which one is used, and the simulated headset with its scripted head."""
