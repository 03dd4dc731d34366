"""Word documents: paragraphs and tables to blocks."""
