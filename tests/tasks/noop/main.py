"""Does nothing, and ends with 0."""
