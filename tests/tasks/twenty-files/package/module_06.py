"""Module 06 of 18."""

NUMBER = 6
