"""What all Python programs of DeepFog share: how they start (start.py), end and speak (program.py), and write files (files.py)."""
