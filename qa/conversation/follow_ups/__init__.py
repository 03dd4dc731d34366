"""Rules that complete a question from the turns before it."""
