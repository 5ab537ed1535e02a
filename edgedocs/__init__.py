"""EdgeDocs: a handbook on models for edge devices whose every example runs, and the library that it calls."""
