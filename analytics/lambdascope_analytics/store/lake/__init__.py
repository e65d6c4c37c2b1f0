"""The lake: segments of many hosts under one prefix in S3, uploaded from each host's outbox by a process of its own."""
