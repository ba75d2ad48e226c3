"""Networks in .mnn files turned into programs that a GPU runs row by row."""

from assets.errors import LoweringError
from assets.lower.lowering import input_shapes, lower
from assets.lower.pack import Lowered, lower_networks
from assets.lower.program import Linear, Map, Port, Program

__all__ = ["Linear", "Lowered", "LoweringError", "Map", "Port", "Program", "input_shapes", "lower", "lower_networks"]
