"""What Azure is in the benchmark."""
