"""Sees through damage: how blurred and noisy a photograph is, and views of it that restore what they can."""
