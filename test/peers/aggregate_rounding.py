"""Aggregates as Python rounds them: reads lines of JSON [[weight, value], ...], writes one repr a line."""
import json
import sys

for line in sys.stdin:
    pairs = json.loads(line)
    top = sum(weight * value for weight, value in pairs)
    bottom = sum(weight for weight, _ in pairs)
    print(repr(round(100 * top / bottom, 2)))
