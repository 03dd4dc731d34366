"""Conversations: questions that lean on earlier ones, and what is kept of them."""
