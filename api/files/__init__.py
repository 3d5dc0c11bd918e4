"""The files people exchange with Relève: reading them, refusing them, writing them."""
