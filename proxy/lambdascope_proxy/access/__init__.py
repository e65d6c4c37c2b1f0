"""Who may come in over HTTP, as whom, and what each may call."""
