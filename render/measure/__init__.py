"""What measures: the benchmark, and the choices made by timing at first start."""
