"""Commands of the pipeline: one file a stage, the stage named as the file."""
