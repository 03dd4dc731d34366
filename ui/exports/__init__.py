"""Answers and conversations as JSON, Markdown and web pages."""
