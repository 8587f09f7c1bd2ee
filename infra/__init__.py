"""The cloud as code: reads `functions/manifest.py`, packages the code, writes CloudFormation."""
