import assert from "node:assert/strict";
import { test } from "node:test";
import { Unauthorized } from "../../src/index.ts";
import { FakeOrdersServer } from "../../src/testing.ts";
import { received, setUp } from "../setup.ts";

function withTokens(lifetime: number, answer?: (asked: number, token: string) => string | Promise<string>) {
  const issuer = new FakeOrdersServer();
  const asked = { times: 0 };
  const parts = setUp({
    getToken: () => {
      const token = issuer.token({ orders: ["o-1"], lifetime: lifetime + asked.times });
      return answer ? answer(++asked.times, token) : (asked.times++, token);
    },
  });
  return { ...parts, asked };
}

test("A token is asked for at the start and kept over reconnects", async () => {
  const { server, clock, client, asked } = withTokens(3_600);
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  for (let i = 0; i < 5; i++) {
    server.drop();
    await clock.advance(20_000);
  }
  assert.deepEqual([asked.times, server.opened], [1, 6]);
});

test("A token is renewed on expiring without a reconnect", async () => {
  const { server, clock, client, asked } = withTokens(3_600);
  const statuses: string[] = [];
  client.subscribe("o-1", e => statuses.push(e.status));
  await clock.advance(5_000);
  server.expire();
  await clock.advance(0);
  server.emit("o-1", "created");
  await clock.advance(0);
  assert.deepEqual([asked.times, server.opened, received(server, "connect").length, statuses], [2, 1, 2, ["created"]]);
});

test("A token is renewed 30 s before it expires also without a notice", async () => {
  const { clock, client, asked } = withTokens(600);
  client.subscribe("o-1", () => {});
  await clock.advance(568_000);
  assert.equal(asked.times, 1);
  await clock.advance(3_000);
  assert.equal(asked.times, 2);
});

for (const skew of [-86_400_000, 86_400_000, 595_000]) {
  test(`A wrong local clock neither prevents a renewal nor repeats it all the time: ${skew} ms`, async () => {
    const { server, clock, client, asked } = withTokens(600);
    clock.skew = skew;
    client.subscribe("o-1", () => {});
    await clock.advance(540_000);
    server.expire();
    await clock.advance(0);
    assert.ok(asked.times >= 2 && asked.times <= 12, `asked ${asked.times} times`);
    assert.equal(server.opened, 1);
  });
}

test("A token that lives for a few seconds does not become a loop", async () => {
  const { server, clock, client, asked } = withTokens(10);
  client.subscribe("o-1", () => {});
  let connects = 0;
  for (let i = 0; i < 100; i++) {
    await clock.advance(100);
    // As the server does: once for each token.
    if (received(server, "connect").length > connects) {
      connects++;
      server.expire();
    }
  }
  assert.ok(asked.times >= 2 && asked.times <= 6, `asked ${asked.times} times in 10 s`);
});

test("An expired token is replaced and the client resumes", async () => {
  const { server, clock, client, asked } = withTokens(3_600);
  const statuses: string[] = [];
  client.subscribe("o-1", e => statuses.push(e.status));
  await clock.advance(0);
  server.expire({ now: true });
  await clock.advance(0);
  server.emit("o-1", "missed");
  await clock.advance(500);
  assert.deepEqual([asked.times, client.state, statuses], [2, "connected", ["missed"]]);
});

test("A token that expired while the device slept is replaced", async () => {
  const { server, clock, client, asked } = withTokens(3_600);
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  server.refuse({ on: "connect", code: "token_expired" });
  server.drop();
  await clock.advance(2_000);
  assert.deepEqual([asked.times, client.state], [2, "connected"]);
});

test("A new token that is refused stops the client", async () => {
  const { server, clock, client } = withTokens(3_600);
  server.refuse({ on: "connect", code: "invalid_token" });
  client.subscribe("o-1", () => {});
  await clock.advance(60_000);
  assert.deepEqual([server.opened, client.state, client.error?.code], [1, "closed", "invalid_token"]);
});

test("A token that was accepted before and is refused is replaced once: its secret has been rotated", async () => {
  const { server, clock, client, asked } = withTokens(3_600);
  client.subscribe("o-1", () => {});
  await clock.advance(0);
  server.refuse({ on: "connect", code: "invalid_token" });
  server.drop();
  await clock.advance(2_000);
  assert.deepEqual([asked.times, client.state], [2, "connected"]);
});

test("Unauthorized from getToken stops the client", async () => {
  const { server, clock, client, errors } = withTokens(3_600, () => {
    throw new Unauthorized("signed out");
  });
  const sub = client.subscribe("o-1", () => {});
  await clock.advance(60_000);
  assert.deepEqual([server.opened, client.state, sub.error?.code], [0, "closed", "unauthorized"]);
  assert.match(errors[0]!.message, /signed out/);
});

test("Unauthorized during a renewal stops the client", async () => {
  const { server, clock, client } = withTokens(3_600, (asked, token) => {
    if (asked > 1) {
      throw new Unauthorized();
    }
    return token;
  });
  client.subscribe("o-1", () => {});
  await clock.advance(5_000);
  server.expire();
  await clock.advance(0);
  assert.deepEqual([client.state, client.error?.code], ["closed", "unauthorized"]);
});

test("Other errors of getToken and error pages instead of a token are retried", async () => {
  const { clock, client, errors } = withTokens(3_600, (asked, token) => {
    if (asked === 1) {
      throw new Error("offline");
    }
    return asked === 2 ? "<html>Bad Gateway</html>" : asked === 3 ? undefined as any : token;
  });
  client.subscribe("o-1", () => {});
  await clock.advance(5_000);
  assert.equal(client.state, "connected");
  assert.deepEqual(errors.map(error => error.code), Array(3).fill("credentials_failed"));
});

test("A getToken that never answers is given up after 30 s and asked again", async () => {
  const { clock, client } = withTokens(3_600, (asked, token) => asked === 1 ? new Promise(() => {}) : token);
  client.subscribe("o-1", () => {});
  await clock.advance(30_500);
  assert.equal(client.state, "connected");
});

test("A renewal that fails is retried while the connection lives", async () => {
  const { server, clock, client, asked } = withTokens(3_600, (asked, token) => {
    if (asked === 2 || asked === 3) {
      throw new Error("offline");
    }
    return token;
  });
  client.subscribe("o-1", () => {});
  await clock.advance(5_000);
  server.expire();
  await clock.advance(3_000);
  assert.deepEqual([asked.times, server.opened, client.state], [4, 1, "connected"]);
});

test("A subscription that the new token does not cover ends with access_denied", async () => {
  let orders = ["o-1", "o-2"];
  const issuer = new FakeOrdersServer();
  const { server, clock, client } = setUp({ getToken: () => issuer.token({ orders }) });
  const one = client.subscribe("o-1", () => {});
  const two = client.subscribe("o-2", () => {});
  await clock.advance(5_000);
  orders = ["o-1"];
  server.expire();
  await clock.advance(0);
  assert.deepEqual([one.ended, two.ended, two.error?.code], [false, true, "access_denied"]);
});

test("Both connections share a token", async () => {
  const issuer = new FakeOrdersServer();
  let asked = 0;
  const { server, clock, client } = setUp({
    getToken: async () => {
      const token = issuer.token({ scope: "organization", lifetime: 3_600 + asked++ });
      await new Promise<void>(resolve => clock.setTimeout(resolve, 100));
      return token;
    },
  });
  client.subscribe("o-1", () => {});
  client.subscribeAll(() => {});
  await clock.advance(5_000);
  server.expire();
  await clock.advance(5_000);
  assert.deepEqual([asked, received(server, "connect").length], [2, 4]);
});
