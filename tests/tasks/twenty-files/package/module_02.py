"""Module 02 of 18."""

NUMBER = 2
