"""Published upscalers, Real-ESRGAN, Real-CUGAN and waifu2x, run by ncnn on any processor."""
