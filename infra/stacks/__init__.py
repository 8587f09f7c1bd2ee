"""One module per stack; each reads like its part of the diagram."""
