"""A place without a headset: a window with mouse and keyboard, a film without any, and a view for onlookers."""
