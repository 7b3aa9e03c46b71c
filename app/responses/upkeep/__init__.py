"""What is done to stored responses afterwards: `arrival` takes out their order, `erasure` what was withdrawn."""
