/**
 * The system's own calls for sockets, for the program's other datagrams: `carillon-media/system`.
 * Not for applications: what it offers changes with what the two packages need.
 */
export { readSocketAddress, SOCKADDR_BYTES, socketAddress } from "./socket-address.ts";
export * from "./system.ts";
