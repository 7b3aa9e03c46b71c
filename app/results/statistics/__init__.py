"""Estimators and their intervals, the power of contrasts, and classes of numbers. They know counts, not surveys."""
