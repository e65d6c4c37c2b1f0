"""What the measurements of telemetry run in processes of their own."""
