"""The sample project's content, made by script: idempotent, so that it can be run again at any time."""
