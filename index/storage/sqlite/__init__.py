"""The truth of an index: one SQLite file."""
