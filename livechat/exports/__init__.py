"""Exports (L2): what is in them, how they are written, who makes them and who may fetch them."""
