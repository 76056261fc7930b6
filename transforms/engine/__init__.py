"""Match patches against a pristine source tree, and apply what matched."""
