"""PDF files: characters, lines, columns and pages to blocks."""
