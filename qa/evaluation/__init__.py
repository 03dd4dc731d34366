"""How well passages are found and questions answered."""
