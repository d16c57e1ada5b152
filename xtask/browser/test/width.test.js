// Wide and narrow: a page never scrolls sideways, and what is in it can be read.
import assert from "node:assert/strict";
import { test } from "node:test";
import { chapterOne, pages } from "../lib/book.js";
import { setup } from "../lib/setup.js";

const here = setup();

// 320 is what WCAG 2.2 asks for (1.4.10, reflow).
for (const [width, ...narrower] of [[1280], [390, 320]]) {
    test(`no page scrolls sideways at ${[width, ...narrower].join(" and ")} px`, async () => {
        const { page, close } = await here.open("index.html", { width });
        for (const name of pages()) {
            await page.setViewportSize({ width, height: 900 });
            await page.goto(here.server.address + name);
            assert.deepEqual(await tooWide(page), [], name);
            for (const width of narrower) {
                await page.setViewportSize({ width, height: 900 });
                assert.deepEqual(await tooWide(page), [], `${name} at ${width} px`);
            }
        }
        await close();
    });
}

test("what is too wide is found", async () => {
    const { page, close } = await here.open(chapterOne(), { width: 390 });
    await page.evaluate(() => (document.querySelector("main").innerHTML += '<p style="width: 500px">wide</p>'));
    assert.match((await tooWide(page)).join(), /<p style/);
    await close();
});

test("a line is not longer than can be read, and not short on a telephone", async () => {
    for (const [width, least, most] of [[1280, 45, 100], [390, 30, 60]]) {
        const { page, close } = await here.open(chapterOne(), { width });
        const letters = await page.evaluate(() => {
            // The widest paragraph, in letters of its own type.
            const all = [...document.querySelectorAll("main > p")];
            const it = all.reduce((one, other) => (other.clientWidth > one.clientWidth ? other : one));
            const probe = document.createElement("span");
            probe.textContent = "The kubelet restarts the container at once, then waits.".repeat(10);
            probe.style.cssText = "position: absolute; white-space: nowrap";
            it.append(probe);
            return it.clientWidth / (probe.offsetWidth / probe.textContent.length);
        });
        assert.ok(letters >= least && letters <= most, `${letters.toFixed()} letters a line at ${width} px`);
        await close();
    }
});

// With everything unfolded. Names the innermost elements that stick out of the page.
async function tooWide(page) {
    return page.evaluate(() => {
        document.querySelectorAll("details").forEach(it => (it.open = true));
        const root = document.documentElement;
        if (root.scrollWidth <= root.clientWidth) return [];
        const clips = it => it !== document.body && it !== root && getComputedStyle(it).overflowX !== "visible";
        const out = [...document.body.querySelectorAll("*")].filter(it => {
            for (let up = it.parentElement; up; up = up.parentElement) if (clips(up)) return false;
            return it.getBoundingClientRect().right > root.clientWidth + 0.5;
        });
        const innermost = out.filter(it => !out.some(other => other !== it && it.contains(other)));
        return [`${root.scrollWidth} px`, ...innermost.map(it => it.outerHTML.slice(0, 120))];
    });
}
