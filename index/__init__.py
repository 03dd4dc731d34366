"""Finding passages: files in, ranked passages out."""
