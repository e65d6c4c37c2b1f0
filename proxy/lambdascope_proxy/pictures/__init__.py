"""Pictures of answers, for a terminal and for files that people share."""
