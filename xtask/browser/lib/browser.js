// The browser: one that is installed, without a window.
import { execFileSync } from "node:child_process";
import { chromium } from "playwright-core";

// CHROMIUM names one; `cargo xtask test` sets it.
export function executable() {
    if (process.env.CHROMIUM) return process.env.CHROMIUM;
    for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
        try {
            return execFileSync("which", [name], { encoding: "utf8" }).trim();
        } catch {
            // The next one.
        }
    }
    throw new Error("there is no chromium; type: sudo apt-get install chromium");
}

export async function launch(args = []) {
    // Its sandbox needs what containers forbid, and refuses root. What it opens is our own book.
    const contained = process.env.CI || process.getuid?.() === 0;
    return chromium.launch({
        executablePath: executable(),
        chromiumSandbox: !contained,
        args: ["--disable-gpu", "--disable-quic", "--disable-background-networking", ...args],
    });
}

// Opens a page, in a context of its own (another profile) unless one is given. `heard` collects what
// it asks of others and complains of.
export async function open(browser, address, { width = 1280, height = 900, context, ...options } = {}) {
    const own = context ? null : await browser.newContext({ viewport: { width, height }, ...options });
    const page = await (own ?? context).newPage();
    const heard = { elsewhere: [], errors: [] };
    const home = new URL(address);
    page.on("request", request => {
        const url = new URL(request.url());
        const inline = ["data:", "blob:", "about:"].includes(url.protocol);
        if (!inline && (url.protocol !== home.protocol || url.host !== home.host)) heard.elsewhere.push(url.href);
    });
    page.on("console", message => {
        if (message.type() === "error") heard.errors.push(message.text());
    });
    page.on("pageerror", error => heard.errors.push(error.message));
    await page.goto(address);
    return { page, context: own ?? context, heard, close: () => (own ?? page).close() };
}
