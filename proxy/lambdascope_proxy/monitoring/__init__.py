"""What CloudWatch and the history together say of executions; pure where it can be."""
