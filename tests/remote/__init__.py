"""The door to Mixpanel: what goes out, what is taken for an answer, how often, and how long it is tried."""
