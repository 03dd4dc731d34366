"""Tables of a PDF: which rows of a page are one, its columns, its headers, its cells."""
