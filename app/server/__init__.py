"""The complete service. `wiring.create_app` creates it and connects all parts; `lifespan` starts and stops it, and `run`
runs it under uvicorn.
"""
