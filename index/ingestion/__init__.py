"""Changing an index: files are found, read, split, embedded and stored."""
