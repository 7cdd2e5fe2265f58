/**
 * What to say to a Node that is too old to run this; undefined to one that is not.
 */
export function nodeTooOld(version: string): string | undefined {
  const major = Number(version.split(".")[0]);
  if (major >= 24) return undefined;
  const wanted = `Carillon needs Node 24 or newer, and this is ${version}`;
  return `${wanted}: start it with npm start, which brings its own.`;
}
