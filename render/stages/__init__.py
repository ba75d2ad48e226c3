"""One file a stage of the graph: what it keeps on the GPU and how it runs."""
