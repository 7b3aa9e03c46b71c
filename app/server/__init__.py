"""The service as a whole. `wiring.create_app` makes it and wires every part; `run` serves it under uvicorn."""
