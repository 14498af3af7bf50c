"""Run the command line as ``python -m nhs_league``."""

from nhs_league.cli.app import main

if __name__ == "__main__":
    main()
