"""What a wheel, an sdist or an installation carries, as lines and as a page."""
