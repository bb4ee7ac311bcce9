"""The sections of the page, a file each: its prose, figures and tables."""
