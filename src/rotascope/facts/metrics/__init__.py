"""The metrics, one module for each group. Importing a module registers its metrics."""
