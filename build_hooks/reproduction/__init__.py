"""Build a wheel or an sdist once more from what it says of itself, and compare the bytes."""
