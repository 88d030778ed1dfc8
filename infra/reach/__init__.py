"""Who can reach whom in a planned stack, on which port, and which hop decides. IPv4 only, as the program is."""
