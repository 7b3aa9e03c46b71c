"""The `opinion` command. Begin with `main`: each command there says what it does and hands on."""
