"""Module 12 of 18."""

NUMBER = 12
