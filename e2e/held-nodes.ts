/** How much of a document a page holds, shown or not, once what nobody needs any more has gone. */
import type { Page } from "playwright-core";

export async function heldNodes(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { nodes } = await session.send("Memory.getDOMCounters");
  await session.detach();
  return nodes;
}
