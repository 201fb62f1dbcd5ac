"""The nouns of Rotascope. Standard library only."""
