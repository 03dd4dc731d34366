"""Evidence to a verified answer."""
