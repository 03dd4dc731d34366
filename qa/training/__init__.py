"""Trains the reader: ``python -m loccit.qa.training``; see README.md here."""
