"""Restoration with MIMO-UNet: network, restorer, the tools `restore` and `silence`, files, API.

Networks in other files are in `agent.systems.model_files`, upscalers in `agent.systems.upscaling`.
"""
