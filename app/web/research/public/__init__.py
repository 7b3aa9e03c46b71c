"""The page of public figures: who may read it, one's own answers beside those of everyone, and its contents."""
