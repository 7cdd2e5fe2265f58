/** A page sends no datagrams, and so none of STUN's: see stun.ts. */
import type { Address } from "../uri/host.ts";

export const bindingRequest = (): string => "";
export const bindingResponse = (): string | undefined => undefined;
export const mappedAddress = (): Address | undefined => undefined;
export const isStun = (): boolean => false;
