"""What AWS is in the benchmark."""
