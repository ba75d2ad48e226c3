"""What every package's benches share."""
