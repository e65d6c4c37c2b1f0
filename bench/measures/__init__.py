"""One measurement per module: each takes the stage and returns its sections."""
