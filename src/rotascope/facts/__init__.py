"""Facts: numbers with a recipe. A metric names what is computed; an operation says how."""
