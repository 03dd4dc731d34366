"""HTML pages: elements to blocks."""
