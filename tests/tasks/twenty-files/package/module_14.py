"""Module 14 of 18."""

NUMBER = 14
