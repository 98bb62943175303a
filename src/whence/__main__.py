"""Makes `python -m whence` the command line."""

from whence.cli.main import main

if __name__ == "__main__":
    main()
