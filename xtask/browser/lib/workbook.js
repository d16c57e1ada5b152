// A copy of the workbook that a reader works in, and `cargo xtask start` on it.
import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { root } from "./book.js";

// Kept between runs, so that compiling is rare.
const base = path.join(root, "target/browser");
const copy = path.join(base, "workbook");
const cache = path.join(base, "cache");
// `cargo xtask test` says which; alone, the one that cargo has built last.
const xtask = process.env.PEAS_XTASK ?? path.join(root, "target/debug/xtask");
const env = { ...process.env, XDG_CACHE_HOME: cache, XDG_STATE_HOME: path.join(base, "state") };

// A fresh copy, with no task begun.
export function workbook() {
    const outputs = ["target", "node_modules", ".git"];
    fs.rmSync(copy, { recursive: true, force: true });
    for (const part of ["Cargo.toml", "Cargo.lock", "exercises", "solutions", "book", "xtask", "fuzz"]) {
        const from = path.join(root, part);
        const filter = file => !outputs.includes(path.basename(file)) && file !== path.join(root, "book/book");
        if (fs.existsSync(from)) fs.cpSync(from, path.join(copy, part), { recursive: true, filter });
    }
    // What has been compiled and drawn already need not be again.
    take(path.join(root, "target/book-cache"), path.join(copy, "target/book-cache"));
    const [theirs, own] = [cacheOf(realCache(), root), cacheOf(cache, copy)];
    take(path.join(theirs, "checks/bin"), path.join(own, "checks/bin"));
    const compiled = ["exercises", "solutions"].map(it => path.join(theirs, it, "target")).find(it => fs.existsSync(it));
    const target = path.join(own, "exercises/target");
    if (compiled && !fs.existsSync(target)) take(compiled, target);
    execFileSync(xtask, ["--root", copy, "starters"], { env });
    return {
        file: name => path.join(copy, name),
        read: name => fs.readFileSync(path.join(copy, name), "utf8"),
        write: (name, text) => fs.writeFileSync(path.join(copy, name), text),
        start,
    };
}

// Where the harness keeps what it compiles: xtask/src/dirs.rs.
const realCache = () => process.env.XDG_CACHE_HOME || path.join(os.homedir(), ".cache");
const cacheOf = (dir, workbook) =>
    path.join(dir, "peas-in-a-pod", createHash("sha256").update(workbook).digest("hex").slice(0, 12));

function take(from, to) {
    if (!fs.existsSync(from)) return;
    fs.rmSync(to, { recursive: true, force: true });
    fs.mkdirSync(path.dirname(to), { recursive: true });
    execFileSync("cp", ["-a", from, to]);
}

// Serves the copy; `port` is that of an earlier start, or none.
async function start(port) {
    port ??= await freePort();
    const child = spawn(xtask, ["--root", copy, "start", "--no-open", "--port", String(port)], { cwd: copy, env });
    const ended = new Promise(done => child.once("exit", done));
    const server = {
        port,
        address: `http://127.0.0.1:${port}/`,
        said: "",
        async stop() {
            child.kill("SIGINT");
            await ended;
        },
    };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", text => (server.said += text));
    const ready = async () => {
        while (!server.said.includes(server.address)) await new Promise(then => setTimeout(then, 20));
    };
    const gone = ended.then(() => {
        throw new Error(`cargo xtask start has ended:\n${server.said}`);
    });
    gone.catch(() => {});
    await Promise.race([ready(), gone]);
    return server;
}

export async function freePort() {
    const server = net.createServer();
    await new Promise(ready => server.listen(0, "127.0.0.1", ready));
    const { port } = server.address();
    await new Promise(closed => server.close(closed));
    return port;
}
