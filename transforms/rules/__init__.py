"""Rules: kinds of change that act wherever their construct stands in a tree."""
