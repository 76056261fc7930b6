"""Read changes that somebody made by other means, and write them as typed edits."""
