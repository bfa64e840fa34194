"""`python -m kbserver` is the same program as `kb`."""

from kbserver.cli import main

if __name__ == "__main__":
    main()
