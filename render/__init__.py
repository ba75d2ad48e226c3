"""One animated avatar of Gaussians, drawn for two eyes by a graph of GPU stages."""
