"""Reporting: findings for other programs, and the findings that a project has decided to live with for now."""
