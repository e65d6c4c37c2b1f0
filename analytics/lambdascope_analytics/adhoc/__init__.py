"""Ad hoc SQL over the history: one SELECT at a time, in a process of its own that can read the history and no more."""
