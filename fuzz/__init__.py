"""Fuzzing: the properties in `targets`, driven by coverage in `run`, replayed from `corpus` in the tests."""
