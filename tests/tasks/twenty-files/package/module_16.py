"""Module 16 of 18."""

NUMBER = 16
