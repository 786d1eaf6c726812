"""Module 04 of 18."""

NUMBER = 4
