"""What the tools and commands that answer from the history have in common."""
