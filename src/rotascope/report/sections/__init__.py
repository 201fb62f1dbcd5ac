"""The sections of the article, one module each. A section asks for facts and writes sentences."""
