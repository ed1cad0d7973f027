"""`python -m agent` is the command `groundglass`."""

from agent.cli import main

raise SystemExit(main())
