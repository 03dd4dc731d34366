"""Passages to evidence: the reader and what it weighs."""
