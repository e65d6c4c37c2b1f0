"""The real Collector and the real Prometheus around the demo: does what we ship show what the proxy emits?"""
