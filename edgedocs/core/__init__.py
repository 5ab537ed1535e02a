"""What both halves stand on: errors, registries, provenance and files. Imports nothing else of EdgeDocs."""
