"""Many builds at once: tasks that are named by content, in processes here or on a cluster."""
