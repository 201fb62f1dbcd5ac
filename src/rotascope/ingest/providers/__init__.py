"""Public sources, one small module each, behind one Protocol."""
