import { networkInterfaces } from 'node:os';
import { isLoopback } from './guard.ts';

/** This machine's first address in its network. */
function networkAddress(): string | undefined {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;
}

function urlOf(host: string, port: number): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/**
 * How a server can be reached that listens on a host.
 * @param publicUrl the address visitors use when a proxy stands in front
 */
export function addressesOf(
  host: string,
  port: number,
  publicUrl: string | undefined,
): { url: string; networkUrl?: string } {
  const everywhere = host === '0.0.0.0' || host === '::';
  const own = urlOf(everywhere ? '127.0.0.1' : host, port);
  if (publicUrl !== undefined) {
    const address = publicUrl.replace(/\/+$/, '');
    return { url: address, networkUrl: address };
  }
  if (isLoopback(host)) return { url: own };
  const network = everywhere ? networkAddress() : host;
  return { url: own, ...(network !== undefined && { networkUrl: urlOf(network, port) }) };
}
