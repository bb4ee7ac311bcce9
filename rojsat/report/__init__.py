"""The page of the study: what it holds, what was published, and how it is written as HTML. jinja2 and YAML only."""
