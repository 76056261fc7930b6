"""The matrix of patches and releases: which patches hold where, known before an upgrade."""
