"""Module 10 of 18."""

NUMBER = 10
