"""Module 08 of 18."""

NUMBER = 8
