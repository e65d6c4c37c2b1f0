"""The benchmark of the monitor tools: an account with a known past, a relay that counts, and who is asked about it."""
