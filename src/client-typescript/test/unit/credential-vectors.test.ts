import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FakeOrdersServer } from "../../src/testing.ts";
import { readToken } from "../../src/testing/token.ts";
import { sign, signToken } from "../backend.ts";
import { received, setUp, through } from "../setup.ts";
import { vectors } from "../vectors.ts";

const signatures = vectors("signatures.json");
const tokens = vectors("tokens.json");
// The client accepts only a text of this form as a token. Other texts are error pages of a backend.
const looksLikeToken = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** A client that gives these credentials to a server which refuses them with a code, if there is one. */
async function connect(options: object, code?: string) {
  const server = new FakeOrdersServer();
  const replies: any[] = [];
  const WebSocket = through(server, (message, send) => {
    replies.push(message);
    send(message);
  });
  const { client, clock, errors } = setUp({ ...options, WebSocket });
  if (code) {
    server.refuse({ on: "connect", code });
  }
  client.subscribe("o-1", () => {}, { after: 0 });
  await clock.advance(100);
  return { client, clock, errors, replies, connects: received(server, "connect") };
}

describe("signatures.json", () => {
  for (const { name, api_key, secret, method, path, timestamp, authorization_signature } of signatures.valid) {
    test(`${name}: a backend creates the signature`, () =>
      assert.equal(sign(api_key, secret, timestamp, method, path), authorization_signature));
  }

  for (const { name, authorization_signature } of [...signatures.valid, ...signatures.accepted]) {
    test(`${name}: the client sends the signature as it is`, async () => {
      const { connects, client } = await connect({ getSignature: () => authorization_signature });
      // Blanks at the ends have no meaning.
      assert.deepEqual(
        connects.map(each => each.authorization_signature), [authorization_signature.trim()]);
      assert.equal(client.state, "connected");
    });
  }

  for (const { name, authorization_signature, code } of signatures.invalid) {
    test(`${name}: ${code} ${code === "signature_expired" ? "asks for another one" : "stops the client"}`, async () => {
      let asked = 0;
      const getSignature = () => (asked++, authorization_signature || "x");
      const { client, clock } = await connect({ getSignature }, code);
      await clock.advance(1_000);
      if (code === "signature_expired") {
        assert.deepEqual([asked, client.state], [2, "connected"]);
      } else {
        assert.deepEqual([asked, client.state, client.error?.code], [1, "closed", code]);
      }
    });
  }
});

describe("tokens.json", () => {
  for (const { name, secret, header, claims, token, grant } of tokens.valid) {
    test(`${name}: a backend creates the token, and the client sends it as it is`, async () => {
      assert.equal(signToken(secret, header, claims), token);
      const { connects, replies } = await connect({ getToken: () => token });
      assert.deepEqual(connects.map(each => each.token), [token]);
      assert.equal(replies[0].data.expires_at, grant.expires_at);
      const read = readToken(token)!;
      assert.deepEqual(read.orders, grant.orders);
      assert.equal(read.scope, grant.scope);
    });
  }

  for (const { name, token, code } of tokens.invalid) {
    test(`${name}: the client does not go on with the token`, async () => {
      let asked = 0;
      const getToken = () => (asked++, token);
      const { client, clock, connects, errors } = await connect({ getToken }, code);
      await clock.advance(1_000);
      if (!looksLikeToken.test(token)) {
        assert.deepEqual(connects, []);
        assert.equal(errors[0]?.code, "credentials_failed");
      } else if (code === "token_expired") {
        assert.equal(asked, 2);
        assert.notEqual(client.state, "closed");
      } else {
        assert.deepEqual([asked, client.state, client.error?.code], [1, "closed", code]);
      }
    });
  }
});
