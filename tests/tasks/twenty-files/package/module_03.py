"""Module 03 of 18."""

NUMBER = 3
