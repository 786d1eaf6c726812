"""Never runs: its manifest has mistakes, each on a line of its own."""
