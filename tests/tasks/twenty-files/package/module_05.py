"""Module 05 of 18."""

NUMBER = 5
