"""How the embedded labeller was made: export of the two towers, features of regions, the trained heads."""
