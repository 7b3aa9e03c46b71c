"""Estimators and their intervals, differences and tests, the power of contrasts, and classes of numbers. They use
counts, not surveys."""
