"""Work in the background: submitted, claimed, run, reported, cancelled."""
