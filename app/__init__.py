"""Second Opinion: surveys and polls for research on what physicians think."""

__version__ = "0.1.0"
