"""`python -m tests.e2e.kills --rounds N --seed N`: kill processes at random in a copy of the checkout.

In each round a command (preview, up, rehearse, down) runs, one process of all that belong to the copy gets SIGTERM or
SIGKILL at a random moment, and the next command (`up` and `down` in turn) must recover: no process, port or file of the
killed round is left, the deployment equals a fresh one, and `down` leaves nothing. The first round that fails ends the
run; its line, the log of all commands and the copy's folder are kept.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from tests.e2e.checkout import Checkout
from tests.e2e.kill_rounds import RoundError, Rounds


def main(rounds: int, seed: int, first: int = 1) -> int:
    """Run rounds until one fails; return 1 if one failed."""
    root = Path(tempfile.mkdtemp(prefix="drydock-kills-"))
    print(f"seed {seed}, {rounds} rounds, in {root}", flush=True)
    began = time.monotonic()
    play = Rounds(Checkout(root), seed)
    played = 0
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # also then, it ends the processes that it started
    try:
        play.prepare()
        print(f"deployed after {time.monotonic() - began:.0f} s", flush=True)
        for number in range(first, first + rounds):
            print(play.play(number), flush=True)
            played += 1
    except RoundError as error:
        print(f"round {first + played} FAILED: {play.current}\n{error}\n", play.said()[-6000:], flush=True)
        print(
            f"repeat with: python -m tests.e2e.kills --seed {seed} --rounds {first + played}\neverything is in {root}"
        )
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        play.close()
        kinds = ", ".join(f"{number} {kind}" for kind, number in play.killed.most_common())
        print(f"{played} of {rounds} rounds right in {time.monotonic() - began:.0f} s; killed: {kinds or 'nothing'}")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.kills")
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--first", type=int, default=1, help="number of the first round")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000))
    given = parser.parse_args()
    sys.exit(main(given.rounds, given.seed, given.first))
