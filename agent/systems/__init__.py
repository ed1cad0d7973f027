"""What can run on a picture: one package per system, and what runs, times and caches them all.

restoration/, text/, features/, rsa/    the systems of the default registry
upscaling/, model_files/                published upscalers, and networks in a user's files
condition/, model_comparison/           what a picture suffers from, and models side by side
workflow/                               what ran as a document, to edit and run again
spec, catalogue, selection, run         the record of a tool, the list of tools, running them
criterion, evidence, figures, wording   what tools share to measure, draw and word
result_cache, checkpoints, encoders     cached results, safe weight files, vision encoders
child_process, memory, onnx_runtime, processor, torchvision_ops    the machine

Measures that are plain functions of arrays are in `agent.measures`; files of pictures are read and
written in `agent.imaging`; sentences of several tools are put together in `agent.answer`.
"""
