"""Module 17 of 18."""

NUMBER = 17
