// axe finds nothing: WCAG 2.2 AA and best practices, every page, both themes, wide and narrow,
// folded and unfolded. A theme changes colours only, so in the dark only those are looked at.
import assert from "node:assert/strict";
import fs from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";
import { chapterOne, pages } from "../lib/book.js";
import { setup } from "../lib/setup.js";

const here = setup();
const axe = fs.readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const colours = ["color-contrast", "link-in-text-block"];
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];

for (const width of [1280, 390]) {
    test(`${width} px`, async () => {
        const left = pages();
        const found = [];
        const worker = async () => {
            const { page, close } = await here.open("index.html", { width });
            for (let name = left.shift(); name; name = left.shift()) {
                await page.emulateMedia({ colorScheme: "light" });
                await page.goto(here.server.address + name);
                const see = async (how, rules) =>
                    found.push(...(await violations(page, rules)).map(it => `${name}, ${how}: ${it}`));
                // The whole book on one page is for paper: it is never seen folded. What is folded is
                // folded on any screen.
                if (name !== "print.html" && width === 1280) await see("light, folded");
                await page.evaluate(() => document.querySelectorAll("details").forEach(it => (it.open = true)));
                await see("light");
                await page.emulateMedia({ colorScheme: "dark" });
                await see("dark", colours);
            }
            await close();
        };
        await Promise.all([worker(), worker()]);
        assert.deepEqual(found, []);
    });
}

test("axe does find what is broken, in both themes", async () => {
    for (const [colorScheme, style] of [["light", "color: #aaa; background: #fff"], ["dark", "color: #555; background: #000"]]) {
        const { page, close } = await here.open(chapterOne(), { colorScheme });
        const breakage = `<img src="favicon.svg"><p style="${style}">pale</p>`;
        await page.evaluate(html => (document.querySelector("main").innerHTML += html), breakage);
        const found = (await violations(page)).join("\n");
        assert.match(found, /image-alt/);
        assert.match(found, /color-contrast/);
        assert.match((await violations(page, colours)).join("\n"), /color-contrast/);
        await close();
    }
});

async function violations(page, rules) {
    // A change of colour that is under way has no contrast yet.
    await page.evaluate(() => {
        const changes = document.getAnimations().filter(it => it instanceof CSSTransition);
        return Promise.all(changes.map(it => it.finished));
    });
    await page.evaluate(axe);
    const runOnly = rules ? { type: "rule", values: rules } : { type: "tag", values: tags };
    const options = { resultTypes: ["violations"], runOnly };
    const { violations, passes } = await page.evaluate(options => window.axe.run(options), options);
    assert.ok(passes.length > (rules ? 0 : 10), `axe looked at nothing on ${page.url()}`);
    const words = node => [...node.any, ...node.all, ...node.none].map(it => it.message).join("; ");
    return violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.target.join(" ")}: ${words(node)}`));
}
