"""What is masked before anything is written, and how payloads are cut to what is kept."""
