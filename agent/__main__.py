"""`python -m agent` is the command `groundglass`."""

from agent.surfaces.cli import main

raise SystemExit(main())
