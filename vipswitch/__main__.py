"""`python -m vipswitch`."""

from vipswitch.cli import main

raise SystemExit(main())
