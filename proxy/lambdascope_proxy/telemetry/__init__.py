"""OpenTelemetry: what is emitted, under which names, and how it leaves."""
