"""What can run on a picture: one package for each system of the registry."""
