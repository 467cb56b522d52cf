/** Stands in for the browser's WebSocket: what the page sends is kept, what the server says is called for by the test. */
export class FakeSocket {
  static OPEN = 1;
  static made = [];
  readyState = 0;
  bufferedAmount = 0;
  sent = [];

  constructor(url, protocols) {
    this.url = String(url);
    this.protocols = protocols;
    FakeSocket.made.push(this);
  }

  send(data) {
    this.sent.push(data);
  }

  close() {
    this.readyState = 3;
  }

  // What a server does.

  open(opening = { kind: "settings", convention: "a2f", frame_rate: [30, 1], look_ahead: 0.26, settings: {} }) {
    this.readyState = 1;
    this.onopen();
    this.onmessage({ data: JSON.stringify(opening) });
  }

  say(...messages) {
    for (const bytes of messages) this.onmessage({ data: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) });
  }

  hangUp(code = 1000, reason = "") {
    this.readyState = 3;
    this.onclose({ code, reason });
  }
}
