"""Rows that leave the history as files, and rows that come into it from files and from other histories."""
