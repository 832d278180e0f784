#!/usr/bin/env python3
"""Publishes the events of standard input, one JSON object per line, and prints the answers.

Each event is stored once, also if the server is restarted in between. Only the standard library is needed.

  echo '{"id":"paid-1","order_id":"o-1","status":"paid"}' |
    ORDERS_API_SECRET=demo-secret python3 publisher.py --url http://localhost:5080 --key demo-key
"""
import argparse
import base64
import http.client
import json
import os
import random
import sys
import time
import urllib.error
import urllib.request
import uuid

RETRIED = {408, 429, 500, 502, 503, 504}


class Publisher:
    def __init__(self, url, key, secret, retry_for):
        self.url = url.rstrip("/") + "/v1/events"
        credentials = base64.b64encode(f"{key}:{secret}".encode()).decode()
        self.headers = {"Authorization": f"Basic {credentials}", "Content-Type": "application/json"}
        self.retry_for = retry_for

    def publish(self, event):
        """Returns the server's answer. Raises ValueError if the server refuses the event."""
        # The id makes repeating harmless. Derive it from your business event if you can, such as paid-4711.
        event = {"id": uuid.uuid4().hex, **event}
        body = json.dumps(event).encode()
        deadline = time.monotonic() + self.retry_for
        delay = 0.2
        while True:
            least = 0.0
            try:
                request = urllib.request.Request(self.url, body, self.headers)
                with urllib.request.urlopen(request, timeout=15) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                text = error.read().decode(errors="replace")
                failure = f"{error.code} {text}"
                if error.code not in RETRIED:
                    raise ValueError(failure) from error
                retry_after = error.headers.get("Retry-After", "")
                least = float(retry_after) if retry_after.isdigit() else 0.0
            except (OSError, http.client.HTTPException, json.JSONDecodeError) as error:
                failure = repr(error)  # whether the event was stored is unknown
            pause = max(least, random.uniform(delay / 2, delay))
            delay = min(5.0, delay * 2)
            if time.monotonic() + pause > deadline:
                raise TimeoutError(f"not stored within {self.retry_for:g} s: {failure}")
            time.sleep(pause)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://localhost:5080")
    parser.add_argument("--key", default="demo-key")
    parser.add_argument("--retry-for", type=float, default=120, help="seconds for which each event is tried")
    options = parser.parse_args()
    secret = os.environ.get("ORDERS_API_SECRET")
    if not secret:
        parser.error("the environment variable ORDERS_API_SECRET is not set")
    publisher = Publisher(options.url, options.key, secret, options.retry_for)
    for number, line in enumerate(sys.stdin, 1):
        if line.strip():
            try:
                print(json.dumps(publisher.publish(json.loads(line))), flush=True)
            except (ValueError, TypeError, TimeoutError) as error:
                sys.exit(f"line {number}: {error}")


if __name__ == "__main__":
    main()
