"""Charts: a specification without data, datasets that can be recomputed, and their drawing.

docs/bundle-format.md, "Charts", is the contract with the verifier. Each chart has its module here; it gives a
part for the article, or nothing where its data is missing.
"""
