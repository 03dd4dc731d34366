"""The reader: it picks evidence from passages."""
