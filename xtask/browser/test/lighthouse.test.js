// Lighthouse on a telephone, chapter 1: at least 95 for speed, 100 for everything else.
import assert from "node:assert/strict";
import { test } from "node:test";
import lighthouse from "lighthouse";
import { built, chapterOne } from "../lib/book.js";
import { launch } from "../lib/browser.js";
import { serve } from "../lib/serve.js";
import { freePort } from "../lib/workbook.js";

const least = { performance: 95, accessibility: 100, "best-practices": 100, seo: 100 };

test("chapter 1", async t => {
    const server = await serve(built);
    const port = await freePort();
    const browser = await launch([`--remote-debugging-port=${port}`]);
    try {
        const runs = [];
        // Speed is measured: where the first run falls short, the best of three counts.
        do runs.push(await scores(server.address + chapterOne(), port));
        while (runs.length < 3 && runs.at(-1).performance < least.performance);
        const best = runs.reduce((one, other) => (other.performance > one.performance ? other : one));
        t.diagnostic(JSON.stringify(runs.map(({ faults, ...numbers }) => numbers)));
        for (const [name, number] of Object.entries(least)) {
            assert.ok(best[name] >= number, `${name}: ${best[name]}, not ${number}\n${best.faults}`);
        }
    } finally {
        await browser.close();
        server.close();
    }
});

async function scores(address, port) {
    const { lhr } = await lighthouse(address, { port, logLevel: "error", onlyCategories: Object.keys(least) });
    const numbers = Object.entries(lhr.categories).map(([name, it]) => [name, Math.round(it.score * 100)]);
    const audits = Object.values(lhr.audits).filter(it => it.score !== null && it.score < 0.9);
    return { ...Object.fromEntries(numbers), faults: audits.map(it => `${it.id}: ${it.displayValue ?? it.title}`).join("\n") };
}
