"""What a page's styles hide from its readers: style sheets in, looks out."""
