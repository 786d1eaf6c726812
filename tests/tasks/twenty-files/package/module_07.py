"""Module 07 of 18."""

NUMBER = 7
