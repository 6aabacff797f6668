"""What the API answers, family by family; importing a module registers its endpoints."""
