"""Restoration with MIMO-UNet: the network, everything measured before and after it, and its API.

network, fused, residual_blocks, quantization, precision    the network and its fast kernels
restorer, enlarging          weights, tiles and devices; enlargement before restoration
tool, ablation, mechanisms   the tools `restore` and `ablate`
evidence, edge_widths, effect_sizes, comparison    what is measured before and after
criteria, doubts, wording, ablation_wording        what the measurements mean, in words
before_after, change_figures                       figures
api, files, earlier, onnx, spandrel                use from Python, on files, in other programs
spec                         what the rest of the program knows of all this

Networks in other files are in `agent.systems.model_files`, upscalers in `agent.systems.upscaling`.
"""
