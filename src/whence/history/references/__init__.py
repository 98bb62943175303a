"""Earlier results: how people name them, and how they become inputs."""
