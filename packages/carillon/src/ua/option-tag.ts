/** Option tags. RFC 3261 §19.2. */
import { elements } from "../message/headers.ts";
import type { Message } from "../message/message.ts";

/** Whether a header lists this option tag. */
export function lists(message: Message, name: "Supported" | "Require", option: string): boolean {
  const tags = elements(message, name);
  return tags.ok && tags.value.some((one) => one.toLowerCase() === option);
}
