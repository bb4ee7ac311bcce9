"""Planted mistakes whose right answer is known, through rojsat's commands and by short scripts of the usual kind."""
