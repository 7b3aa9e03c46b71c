"""A section as bytes with holes, rendered once per instrument and language: begin with `pages`."""
