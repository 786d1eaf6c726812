"""Module 18 of 18."""

NUMBER = 18
