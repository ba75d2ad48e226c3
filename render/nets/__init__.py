"""Networks as stages of the graph, inside the GL context."""
