"""The complete service. `wiring.create_app` creates it and connects all parts; `run` runs it under uvicorn."""
