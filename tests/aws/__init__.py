"""The local AWS: moto corrected, faults, journal, metadata service."""
