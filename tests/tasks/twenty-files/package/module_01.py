"""Module 01 of 18."""

NUMBER = 1
