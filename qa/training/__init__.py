"""Trains the reader: ``python -m qa.training``; see README.md here."""
