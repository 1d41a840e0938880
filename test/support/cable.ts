import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A cable to a server that can be pulled out and put back. */
export interface Cable {
  readonly url: string;
  pull(): void;
  plug(): void;
  close(): Promise<void>;
}

/** @param port of the server on this machine */
export async function layCable(port: number): Promise<Cable> {
  const sockets = new Set<Socket>();
  let plugged = true;
  const server = createServer((near) => {
    if (!plugged) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    near.pipe(far).pipe(near);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    pull() {
      plugged = false;
      cut();
    },
    plug() {
      plugged = true;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        cut();
      }),
  };
}
