"""How a physician answers. `pages` has every route from the way in to the withdrawal."""
