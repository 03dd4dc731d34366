"""Texts to vectors: the embedder's protocol, the default model and what runs it."""
