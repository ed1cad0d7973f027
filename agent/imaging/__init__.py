"""Pictures in memory: reading, writing, enlarging, padding and tiling. Nothing about networks."""
