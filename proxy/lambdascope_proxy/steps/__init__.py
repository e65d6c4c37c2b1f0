"""What happens around every call, one behaviour per file."""
