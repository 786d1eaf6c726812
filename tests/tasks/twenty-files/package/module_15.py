"""Module 15 of 18."""

NUMBER = 15
