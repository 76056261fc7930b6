"""Why an edit does not hold, in words that lead its author to the code that is there."""
