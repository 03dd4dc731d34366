"""The command `loccit`."""
