"""Say how many mutants the tests killed, by the statistics that mutmut exports."""

import json
from pathlib import Path

STATISTICS = Path(__file__).resolve().parent.parent / "mutants" / "mutmut-cicd-stats.json"

if __name__ == "__main__":
    counted = json.loads(STATISTICS.read_text(encoding="utf-8"))
    killed = counted["killed"] + counted["timeout"]  # one that never ends is noticed too
    made = counted["total"] - counted["skipped"]
    print(f"{killed} of {made} mutants killed ({100 * killed / made:.1f} %)")
