"""The agent: finishes every order, keeps what orders need warm, and heals what callers leave behind."""
