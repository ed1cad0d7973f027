"""Networks in third-party model files: identify them, and restore pictures with them.

MIMO-UNet itself is in `agent.systems.restoration`.
"""
