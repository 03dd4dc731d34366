"""Makes a verified answer of evidence."""
