"""What assistants reach over the Model Context Protocol."""
