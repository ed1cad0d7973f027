"""Reading the text in a picture: the tool `read_text`, and LLaVAR."""
