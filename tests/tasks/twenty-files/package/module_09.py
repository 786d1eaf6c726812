"""Module 09 of 18."""

NUMBER = 9
