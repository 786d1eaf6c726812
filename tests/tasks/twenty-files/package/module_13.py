"""Module 13 of 18."""

NUMBER = 13
