"""What the history's measurements run in child processes: rows, ways to keep them, loads, and questions."""
