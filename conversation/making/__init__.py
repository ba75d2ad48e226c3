"""Engines of the user's own: models as others publish them, turned into what MNN runs, and what was lost on the way."""
