"""Keeping the market database up to date: updates, vintages, comparisons of sources, quotes."""
