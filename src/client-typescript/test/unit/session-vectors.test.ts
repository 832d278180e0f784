import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SessionPlayer } from "../session-player.ts";
import { vectors } from "../vectors.ts";

describe("sessions.json", () => {
  for (const session of vectors("sessions.json").sessions) {
    test(`${session.name}: the application sees what the session says`, async () => {
      if (session.name === "plain_subscribe") {
        // The session is for clients that do not ask for their position. This one always does.
        assert.match(session.description, /may skip/);
        return;
      }
      const player = new SessionPlayer(session);
      await player.play();
      await player.expectHandled();
    });
  }
});
