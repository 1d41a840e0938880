import { GatewayOpcodes } from 'discord.js';
import type { WebSocket } from 'ws';

interface Sent {
  readonly s: number;
  readonly text: string;
}

/** One bot session on one shard: it outlives its connections, and keeps what they may have lost. */
export class Session {
  readonly id: string;
  readonly shard: number;
  readonly shards: number;
  readonly intents: number;
  /** The number of the last event. */
  seq = 0;
  /** Set while a connection carries this session. */
  socket: WebSocket | undefined;
  /** False: the next RESUME is refused. */
  resumable = true;
  private sent: Sent[] = [];

  constructor(id: string, shard: number, shards: number, intents: number) {
    this.id = id;
    this.shard = shard;
    this.shards = shards;
    this.intents = intents;
  }

  /** `json` is the event's data; only the number differs between sessions, so it is written once for all. */
  dispatch(t: string, json: string): void {
    this.seq += 1;
    const text = `{"op":${GatewayOpcodes.Dispatch},"t":"${t}","s":${this.seq},"d":${json}}`;
    this.sent.push({ s: this.seq, text });
    if (this.socket?.readyState === 1) this.socket.send(text);
  }

  /** What came before has arrived; it is never replayed. */
  acknowledge(seq: number): void {
    // Trimmed in blocks: a heartbeat must not cost a copy of a long buffer each time.
    const arrived = this.sent.findIndex((one) => one.s > seq);
    const count = arrived === -1 ? this.sent.length : arrived;
    if (count > 1000) this.sent = this.sent.slice(count);
  }

  /** Sends everything after `seq` again. */
  replay(seq: number): void {
    for (const one of this.sent) if (one.s > seq) this.socket?.send(one.text);
  }
}
