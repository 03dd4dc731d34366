"""Measures how well passages are found and questions are answered."""
