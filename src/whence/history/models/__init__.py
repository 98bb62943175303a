"""Models: versions, aliases, promotions, and what is told of them."""
