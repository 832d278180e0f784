// A WebSocket server on Bun with the messages of OrdersActors: connect, subscribe, event. It stores nothing.
// Arguments: port, port for triggers, API key, API secret.
import { createHmac, timingSafeEqual } from "node:crypto";

const [port, triggerPort, apiKey, apiSecret] = process.argv.slice(2);
const triggerSize = 16;
let version = 0;

function isSigned(key, signature) {
  const fields = Object.fromEntries(signature.split(",").map(field => field.split("=")));
  if (key !== apiKey || fields.APIKey !== apiKey || Math.abs(Date.now() / 1000 - fields.timestamp) > 300) {
    return false;
  }

  const expected = createHmac("sha256", apiSecret).update("GET/ws" + fields.timestamp).digest();
  const given = Buffer.from(fields.signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  fetch(request, server) {
    return server.upgrade(request, { data: { isAuthenticated: false } })
      ? undefined
      : new Response("This is a WebSocket endpoint.", { status: 426 });
  },
  websocket: {
    message(ws, text) {
      const { type, data } = JSON.parse(text);
      if (type === "connect") {
        ws.data.isAuthenticated = isSigned(data.api_key, data.authorization_signature);
        ws.send(ws.data.isAuthenticated
          ? '{"type":"connected","data":{"status":"authenticated"}}'
          : '{"type":"error","data":{"code":"unauthorized"}}');
      } else if (ws.data.isAuthenticated) {
        ws.subscribe(data.order_id);
        ws.send(JSON.stringify({
          type: "subscription",
          data: { order_id: data.order_id, scope: "order", status: "subscribed" },
        }));
      }
    },
  },
});

// The same message as EventPayload.Message.
function publish(due, topic) {
  const order = `order-${topic}`;
  const id = `019a0000-0000-7000-${due.toString(16).padStart(16, "0")}`;
  const time = new Date().toISOString().replace("Z", "000Z");
  server.publish(order, `{"type":"event","data":{"id":"${id}","organization_id":"shop","order_id":"${order}",`
    + `"version":${++version},"status":"moving","occurred_at":"${time}",`
    + `"details":{"carrier":"DHL","due":${due}}}}`);
}

Bun.listen({
  hostname: "127.0.0.1",
  port: Number(triggerPort),
  socket: {
    open(socket) {
      socket.data = Buffer.alloc(0);
    },
    data(socket, part) {
      const bytes = socket.data.length === 0 ? part : Buffer.concat([socket.data, part]);
      let start = 0;
      for (; bytes.length - start >= triggerSize; start += triggerSize) {
        publish(bytes.readBigInt64LE(start), bytes.readInt32LE(start + 8));
      }

      socket.data = Buffer.from(bytes.subarray(start));
    },
  },
});

console.log("ready");
