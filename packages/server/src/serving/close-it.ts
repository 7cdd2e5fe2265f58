/** How the parts of a running server end: for `AsyncDisposableStack.adopt`. */
export const closeIt = (part: { close(): unknown }): Promise<void> =>
  Promise.resolve(part.close()).then(() => {});
