"""People and programs: the command line, the web chat and the JSON shape they share."""
