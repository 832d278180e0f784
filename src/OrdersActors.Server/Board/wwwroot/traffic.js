// Watches the WebSockets of the client: their messages as they were sent, and the codes they were closed with.

// Keeps numbers as the publisher wrote them if the browser supports it: 12.50 does not become 12.5, and a long id keeps
// its last digits.
const exactly = JSON.rawJSON === undefined ? undefined : (_, value, { source }) =>
  typeof value === "number" && String(value) !== source ? JSON.rawJSON(source) : value;

export class Traffic {
  /** The class of WebSockets for the client. */
  WebSocket;
  /** Whether a socket was ever open. */
  hasOpened = false;
  /** The code with which the server, or the network, has closed the last socket that was open. */
  code;
  #newest = "";

  /**
   * `onRaw(direction, text)` gets every message as "sent" or "received", and a "note" when a socket opens or closes.
   */
  constructor(onRaw) {
    const traffic = this;
    this.WebSocket = class extends WebSocket {
      #isOpen = false;

      constructor(url) {
        super(url);
        // These listeners come before the client's, which are set later.
        this.addEventListener("open", () => {
          this.#isOpen = traffic.hasOpened = true;
          onRaw("note", `open: ${url}`);
        });
        this.addEventListener("message", ({ data }) => {
          traffic.#newest = data;
          onRaw("received", data);
        });
        this.addEventListener("close", ({ code, reason }) => {
          onRaw("note", `closed: ${code} ${reason}`);
          if (this.#isOpen) {
            traffic.code = code;
          }
        });
      }

      send(text) {
        super.send(text);
        onRaw("sent", text);
      }

      // The client leaves the socket. Its close code is then the client's.
      close(code) {
        this.#isOpen = false;
        super.close(code);
      }
    };
  }

  /** Returns the details of an event as they were sent, if the event has just been received. */
  detailsOf(event) {
    const { data } = JSON.parse(this.#newest, exactly);
    return data?.id === event.id ? data.details : event.details;
  }
}
