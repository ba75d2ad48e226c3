"""Making and looking at avatars: captures, training, imports, sheets, comparisons."""
