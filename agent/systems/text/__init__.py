"""Reading text in pictures: OCR, the tool `read_text`, and LLaVAR from local weights.

How sure a reading is, and where two differ, is measured in `agent.measures.legibility`.
"""
