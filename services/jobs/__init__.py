"""Run tasks as background jobs: submit, claim, execute, report, cancel."""
