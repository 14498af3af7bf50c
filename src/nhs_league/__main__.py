"""Run the command line: ``nhs-league``, or ``python -m nhs_league``."""


def main() -> None:
    """Run the command line and exit; whoever interrupts its start sees no traceback either."""
    try:
        from nhs_league.cli.app import main as run

        run()
    except KeyboardInterrupt:
        raise SystemExit(130) from None


if __name__ == "__main__":
    main()
