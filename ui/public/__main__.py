"""``python -m loccit`` is the command ``loccit``."""

from loccit.ui.command_line.main import main

main()
