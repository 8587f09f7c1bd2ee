"""The sample product: projects."""
