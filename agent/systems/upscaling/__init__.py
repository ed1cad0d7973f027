"""Published upscalers (Real-ESRGAN, Real-CUGAN and waifu2x), run by ncnn on any processor.

What an answer says about their results is worded in `agent.systems.restoration`.
"""
