"""OBSERVE: which tasks are looked at, and what is made of the answers."""
