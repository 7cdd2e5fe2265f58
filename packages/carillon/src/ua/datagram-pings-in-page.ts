/** A page sends no datagrams, and keeps none of their flows: see datagram-pings.ts. */
export type DatagramPings = {
  ping(): string;
  forget(): void;
  takes(): boolean;
  heard(octets: string): boolean | undefined;
};

export const isNatted = (): boolean => false;
export const datagramPings = (): DatagramPings | undefined => undefined;
