"""Learners: one interface of everything that is fitted to samples."""
