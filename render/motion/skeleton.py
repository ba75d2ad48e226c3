"""From joint rotations to the matrices that skin the mesh: what assets/skinning.py has, for those who move bodies."""

from assets.skinning import rotation_matrices, skinning_matrices

__all__ = ["rotation_matrices", "skinning_matrices"]
