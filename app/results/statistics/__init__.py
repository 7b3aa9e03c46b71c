"""Estimators and their intervals, the power of contrasts, and classes of numbers. They use counts, not surveys."""
