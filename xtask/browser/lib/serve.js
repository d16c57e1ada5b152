// Serves a directory to this machine: the book without the harness around it.
import fs from "node:fs";
import http from "node:http";
import path from "node:path";

const kinds = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
};

export async function serve(dir) {
    const server = http.createServer((request, answer) => {
        let file = path.join(dir, decodeURIComponent(new URL(request.url, "http://here").pathname));
        if (fs.existsSync(file) && fs.statSync(file).isDirectory()) file = path.join(file, "index.html");
        const found = fs.existsSync(file);
        if (!found) file = path.join(dir, "404.html");
        answer.writeHead(found ? 200 : 404, { "content-type": kinds[path.extname(file)] ?? "application/octet-stream" });
        fs.createReadStream(file).pipe(answer);
    });
    await new Promise(ready => server.listen(0, "127.0.0.1", ready));
    return {
        address: `http://127.0.0.1:${server.address().port}/`,
        close() {
            server.closeAllConnections();
            server.close();
        },
    };
}
