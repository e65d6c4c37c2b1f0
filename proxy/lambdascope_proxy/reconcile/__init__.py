"""What the logs tell afterwards: of executions whose report did not come with the call, or that never came this way."""
