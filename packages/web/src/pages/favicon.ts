/** The tab's icon, with how many messages nobody has read: drawn, since it changes. */

const SIZE = 64;
/** Bronze, as what is unread has everywhere. */
const BADGE = "#9a5b13";

/** Draws it anew for this count; 0 brings back the icon as it was. */
export async function showCount(count: number, doc: Document = document): Promise<void> {
  const link = doc.querySelector<HTMLLinkElement>('link[rel="icon"]');
  if (link === null) return;
  link.dataset["plain"] ??= link.href;
  const { plain } = link.dataset;
  link.dataset["count"] = String(count);
  if (plain === undefined || count === 0) {
    if (plain !== undefined) link.href = plain;
    return;
  }
  const icon = new Image();
  icon.src = plain;
  await icon.decode().catch(() => {});
  // Read or told of meanwhile: another count is on its way.
  if (link.dataset["count"] !== String(count)) return;
  link.href = drawn(icon, count, doc);
}

function drawn(icon: HTMLImageElement, count: number, doc: Document): string {
  const canvas = doc.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  if (pen === null) return icon.src;
  if (icon.naturalWidth > 0) pen.drawImage(icon, 0, 0, SIZE, SIZE);
  pen.fillStyle = BADGE;
  pen.beginPath();
  pen.arc(SIZE - 20, 20, 20, 0, 2 * Math.PI);
  pen.fill();
  pen.fillStyle = "#ffffff";
  pen.font = "700 30px system-ui, sans-serif";
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillText(count > 9 ? "9+" : String(count), SIZE - 20, 22, 36);
  return canvas.toDataURL("image/png");
}
