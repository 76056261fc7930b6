"""The platforms: one package each, one module in it for each patch."""
