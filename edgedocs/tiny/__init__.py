"""The shipped model ``tiny``: its checkpoint, model card, held-out text and the code that made them."""
