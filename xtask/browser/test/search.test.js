// Search finds a page by its words, English and Korean, served and from file://.
import assert from "node:assert/strict";
import fs from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { open } from "../lib/browser.js";
import { built, chapters } from "../lib/book.js";
import { setup } from "../lib/setup.js";

const here = setup();
const texts = chapters().map(it => ({ page: it.page, text: fs.readFileSync(it.source, "utf8") }));

for (const from of ["a server", "a file"]) {
    const start = () => (from === "a server" ? here.server.address : pathToFileURL(built).href + "/") + chapters().at(-1).page;

    test(`each page is found by its words, from ${from}`, async () => {
        const { page, close } = await open(here.browser, start());
        let korean = 0;
        for (const { page: name, text } of texts) {
            const words = new Set(text.match(/\p{Script=Hangul}+/gu));
            korean += words.size;
            // English words that begin no word of another page.
            const others = texts.filter(it => it.page !== name).map(it => it.text.toLowerCase()).join();
            const own = new Set(prose(text).match(/\b[a-z]{6,14}\b/g));
            [...own].filter(word => !others.includes(word.slice(0, 5))).slice(0, 3).forEach(word => words.add(word));
            for (const word of words) {
                assert.ok((await search(page, word)).includes(name), `${word} does not find ${name}`);
            }
        }
        assert.ok(korean >= 3, `only ${korean} Korean words in the whole book`);
        await close();
    });
}

test("what is nowhere is not found, and the page says so", async () => {
    const { page, close } = await here.open("index.html");
    assert.deepEqual(await search(page, "xyzzyplugh"), []);
    assert.deepEqual(await search(page, "쿠쿠쿠"), []);
    assert.match(await page.locator("#mdbook-searchresults-header").innerText(), /nothing|no .*results/i);
    await close();
});

test("a result leads to its page", async () => {
    const { page, close } = await here.open("index.html");
    await search(page, texts.flatMap(it => it.text.match(/\p{Script=Hangul}+/gu) ?? [])[0]);
    const link = page.locator("#mdbook-searchresults a").first();
    const to = new URL(await link.getAttribute("href"), page.url());
    await link.click();
    await page.waitForURL(url => url.pathname === to.pathname);
    await close();
});

// Running text: neither directives nor code.
const prose = text => text.replace(/```[^]*?```|`[^`]*`|\{\{.*\}\}|<!--[^]*?-->|\]\([^)]*\)/g, " ");

// The pages that the results lead to.
async function search(page, word) {
    const field = page.locator("#mdbook-searchbar");
    if (!(await field.isVisible())) await page.click("#mdbook-search-toggle");
    const said = page.locator("#mdbook-searchresults-header");
    await field.fill("");
    await page.waitForFunction(it => it.textContent === "", await said.elementHandle());
    await field.fill(word);
    await page.waitForFunction(it => it.textContent !== "", await said.elementHandle());
    const links = await page.locator("#mdbook-searchresults a").evaluateAll(all => all.map(it => it.href));
    const root = decodeURI(new URL(page.url()).protocol === "file:" ? pathToFileURL(built).href + "/" : here.server.address);
    return [...new Set(links.map(link => decodeURI(link).slice(root.length).split(/[?#]/)[0]))];
}
