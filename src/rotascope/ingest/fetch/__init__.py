"""Fetching: bytes from sources, kept before anything reads them, judged by content and not by status."""
