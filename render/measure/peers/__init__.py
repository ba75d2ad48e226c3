"""Other renderers of Gaussians, drawing the same cloud from the same places in turn with this one."""
