// axe finds nothing: WCAG 2.2 AA and best practices, every page, both themes, wide and narrow.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { pages } from "../lib/book.js";
import { setup } from "../lib/setup.js";

const here = setup();
const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

// Two at a time: a page is mostly one processor's work.
for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
        test(`${colorScheme}, ${width} px`, async () => {
            const found = [];
            const left = pages();
            const worker = async () => {
                for (let page = left.shift(); page; page = left.shift()) {
                    found.push(...(await violations(page, { colorScheme, width })));
                }
            };
            await Promise.all([worker(), worker()]);
            assert.deepEqual(found, []);
        });
    }
}

test("axe does find what is broken", async () => {
    const breakage = () => {
        document.querySelector("main").innerHTML += '<img src="x.png"><p style="color:#aaa;background:#fff">pale</p>';
    };
    const found = await violations(pages()[0], {}, breakage);
    const rules = found.map(line => line.split(": ")[1]);
    assert.ok(rules.includes("color-contrast") && rules.includes("image-alt"), rules.join(" "));
});

// What axe says of a page, folded and unfolded.
async function violations(name, options, change = () => {}) {
    const { page, close } = await here.open(name, options);
    await page.evaluate(change);
    const found = new Set();
    for (const unfold of [false, true]) {
        if (unfold) await page.evaluate(() => document.querySelectorAll("details").forEach(it => (it.open = true)));
        await page.evaluate(axe);
        const result = await page.evaluate(values => axe.run({ resultTypes: ["violations"], runOnly: values }), tags);
        assert.ok(result.passes.length > 10, `axe looked at nothing on ${name}`);
        for (const { id, nodes } of result.violations) {
            nodes.forEach(node => found.add(`${name}: ${id}: ${node.target.join(" ")}: ${words(node)}`));
        }
    }
    await close();
    return [...found];
}

const words = node => [...node.any, ...node.all, ...node.none].map(it => it.message).join("; ");
