"""The store: spools that processes append to, segments they are compacted into, and the views over both."""
