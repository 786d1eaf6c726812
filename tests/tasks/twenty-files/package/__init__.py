"""Eighteen small modules."""
