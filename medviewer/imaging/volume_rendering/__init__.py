"""Stacks as bodies: rendered by VTK in a process of its own, which is the only one that loads it."""
