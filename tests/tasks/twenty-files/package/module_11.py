"""Module 11 of 18."""

NUMBER = 11
