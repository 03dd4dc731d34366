"""What the web chat shows, as HTML."""
