#!/usr/bin/env python3
"""Prints the events of an order, or of all orders of an organization, one JSON object per line.

Each event comes once and in order, also over restarts of the server, of the network and of this program.
It needs Python 3.9 or newer and the package websockets (Debian: python3-websockets).

  ORDERS_API_SECRET=demo-secret python3 subscriber.py --url ws://localhost:5080/ws --key demo-key --state position.json
"""
import argparse
import asyncio
import hashlib
import hmac
import json
import os
import random
import sys
import time

import websockets
from websockets.exceptions import ConnectionClosed, WebSocketException

RETRIED = {"unavailable", "rate_limited"}
POINTLESS = {1003, 1007, 1008, 1009}
MAX_MESSAGE = 73_728  # bytes; the protocol promises that no message is longer


class Refused(Exception):
    """The server will refuse every further attempt, too."""


class Unavailable(Exception):
    """The server cannot answer at the moment."""

    def __init__(self, message, retry_after=0.0):
        super().__init__(message)
        self.retry_after = retry_after


class Position:
    """The number of the last handled event and its epoch, kept in a file."""

    def __init__(self, path):
        self.path = path
        self.after, self.epoch = 0, None
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                state = json.load(file)
            self.after, self.epoch = state["after"], state["epoch"]

    def save(self, after, epoch):
        if (after, epoch) == (self.after, self.epoch):
            return
        self.after, self.epoch = after, epoch
        if self.path:
            with open(self.path + ".new", "w", encoding="utf-8") as file:
                json.dump({"after": after, "epoch": epoch}, file)
                file.flush()
                os.fsync(file.fileno())
            os.replace(self.path + ".new", self.path)


class Subscriber:
    def __init__(self, options, secret):
        self.options, self.secret = options, secret
        self.position = Position(options.state)
        self.failures = 0

    async def run(self):
        while True:
            delay = 0.0
            try:
                await self.connection()
            except Unavailable as error:
                delay = error.retry_after
                log(f"the server is unavailable: {error}")
            except ConnectionClosed as error:
                code = error.rcvd.code if error.rcvd else 1006
                if code in POINTLESS:
                    raise Refused(f"closed with {code} {error.rcvd.reason}") from error
                log(f"disconnected with {code}")
            except (OSError, asyncio.TimeoutError, WebSocketException) as error:
                log(f"cannot connect: {error!r}")
            # After a random time, so that not everybody comes back at the same moment.
            limit = min(self.options.max_delay, 0.5 * 2 ** min(self.failures, 10))
            self.failures += 1
            await asyncio.sleep(max(delay, random.uniform(0.1, limit)))

    async def connection(self):
        # A dead network closes nothing. A ping that gets no answer in time ends the connection.
        quiet = self.options.ping
        async with websockets.connect(self.options.url, open_timeout=10, close_timeout=2, ping_interval=quiet,
                                      ping_timeout=quiet, max_size=MAX_MESSAGE) as socket:
            await self.request(socket, "connect", self.credentials())
            await self.request(socket, "subscribe", self.wanted())
            async for text in socket:
                message = json.loads(text)
                handler = getattr(self, "on_" + message["type"], None)
                if handler:
                    handler(message.get("data"))
        raise Unavailable("the connection was closed")

    @staticmethod
    async def request(socket, kind, data):
        await socket.send(json.dumps({"type": kind, "data": data}))

    def credentials(self):
        timestamp = int(time.time())
        digest = hmac.new(self.secret.encode(), f"GET/ws{timestamp}".encode(), hashlib.sha256).hexdigest()
        key = self.options.key
        return {"api_key": key, "authorization_signature": f"APIKey={key},signature={digest},timestamp={timestamp}"}

    def wanted(self):
        return {"order_id": self.options.order, "after": self.position.after, "epoch": self.position.epoch}

    def on_subscription(self, data):
        self.failures = 0
        after = self.position.after
        if not data["resumed"]:
            after = data["earliest"] - 1
            if data["epoch"] != self.position.epoch and self.position.epoch is not None:
                write({"reset": True})  # the history was rewritten: drop what you have, all kept events follow
            else:
                write({"missing": [self.position.after + 1, after]})  # these events are no longer kept
        self.position.save(after, data["epoch"])

    def on_event(self, event):
        write(event)  # replace this by what you do with an event
        number = event["version"] if self.options.order else event["sequence"]
        self.position.save(number, self.position.epoch)

    def on_error(self, error):
        if error["code"] in RETRIED:
            raise Unavailable(error["message"], error.get("retry_after_ms", 0) / 1000)
        raise Refused(error["message"])


def write(value):
    print(json.dumps(value), flush=True)


def log(text):
    print(text, file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="ws://localhost:5080/ws")
    parser.add_argument("--key", default="demo-key")
    parser.add_argument("--order", help="an order id; without it, all orders of the organization")
    parser.add_argument("--state", help="the file that keeps the position; without it, all kept events come first")
    parser.add_argument("--ping", type=float, default=15, help="seconds between pings, and until each answer")
    parser.add_argument("--max-delay", type=float, default=20, help="the longest delay between attempts, in seconds")
    options = parser.parse_args()
    secret = os.environ.get("ORDERS_API_SECRET")
    if not secret:
        parser.error("the environment variable ORDERS_API_SECRET is not set")
    try:
        asyncio.run(Subscriber(options, secret).run())
    except Refused as error:
        sys.exit(f"refused: {error}")
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
