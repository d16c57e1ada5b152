// Search: mdBook's index, read when it is first needed; our own panel. English words are found
// by the index (which knows that "running" is "run"), everything else, Korean above all, by
// looking for the letters themselves: the index drops what is not a to z.
(() => {
    const $ = id => document.getElementById(id);
    const panel = $('mdbook-search-wrapper'), field = $('mdbook-searchbar'), toggle = $('mdbook-search-toggle');
    const list = $('mdbook-searchresults'), said = $('mdbook-searchresults-header');
    const MOST = 30;

    const load = address => new Promise((done, failed) => {
        const script = document.createElement('script');
        script.src = address;
        script.onload = done;
        script.onerror = () => failed(new Error(`cannot load ${address}`));
        document.head.append(script);
    });
    let loading;
    // Not fetch(): from a file:// page only scripts can be loaded.
    const ready = () => loading ??= (async () => {
        window.search = {};
        for (const address of search_scripts) await load(address);
        const { index, doc_urls, search_options } = window.search;
        const docs = Object.entries(index.documentStore.docs).map(([ref, doc]) => ({
            ref, doc,
            title: plain(doc.title),
            body: plain(doc.body),
        }));
        return { index: elasticlunr.Index.load(index), docs, urls: doc_urls, options: search_options };
    })();

    const plain = text => text.normalize('NFC').toLowerCase();
    const words = query => plain(query).split(/\s+/).filter(Boolean);

    // Every word must be there; a word in the title counts as ten in the text.
    const scan = ({ docs }, terms) => docs
        .map(({ ref, doc, title, body }) => {
            const counts = terms.map(term => (title.includes(term) ? 10 : 0) + Math.log2(body.split(term).length));
            return { ref, doc, score: counts.every(it => it > 0) ? counts.reduce((a, b) => a + b) : 0 };
        })
        .filter(it => it.score > 0)
        .sort((a, b) => b.score - a.score);

    /** What was found, and the words by which. */
    const find = (book, query) => {
        const terms = words(query);
        if (!/[^\x00-\x7f]/.test(query)) {
            const hits = book.index.search(query, book.options);
            if (hits.length) return [hits.map(({ ref }) => ({ ref, doc: book.index.documentStore.getDoc(ref) })), terms];
        }
        const hits = scan(book, terms);
        if (hits.length) return [hits, terms];
        // A Korean word may have come with a particle.
        const bare = terms.map(it => it.replace(/(?<=[가-힣]{2})(으로|에서|은|는|이|가|을|를|의|에|와|과|도|로)$/, ''));
        return [scan(book, bare), bare];
    };

    const element = (name, className, ...parts) => {
        const made = document.createElement(name);
        if (className) made.className = className;
        made.append(...parts);
        return made;
    };

    // The text around the first word found, with the words marked.
    const teaser = (body, terms) => {
        const lower = body.toLowerCase();
        const roots = terms.map(it => /^[a-z]{4,}$/.test(it) ? elasticlunr.stemmer(it) : it);
        const first = Math.max(0, Math.min(...roots.map(it => lower.indexOf(it)).filter(at => at >= 0), body.length));
        const start = first < 60 || first === body.length ? 0 : body.lastIndexOf(' ', first - 50) + 1;
        const long = body.length > start + 170;
        const text = long ? body.slice(start, start + 170).replace(/\s\S*$/, '') : body.slice(start);
        const pattern = new RegExp(roots.map(it => it.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&') + (/^[a-z]/.test(it) ? '[a-z]*' : '')).join('|'), 'giu');
        const parts = [start ? '… ' : ''];
        let at = 0;
        for (const match of text.matchAll(pattern)) {
            parts.push(text.slice(at, match.index), element('mark', '', match[0]));
            at = match.index + match[0].length;
        }
        parts.push(text.slice(at), long ? ' …' : '');
        return element('span', 'teaser', ...parts);
    };

    let asked = '';
    const search = async () => {
        const query = field.value.trim();
        asked = query;
        if (!query) {
            list.replaceChildren();
            said.textContent = '';
            return;
        }
        let book;
        try { book = await ready(); } catch (error) {
            said.textContent = `The search index cannot be read: ${error.message}`;
            return;
        }
        if (asked !== query) return;
        const [hits, terms] = find(book, query);
        const count = hits.length === 1 ? '1 result' : `${hits.length} results`;
        said.textContent = hits.length ? (hits.length > MOST ? `${count}, the first ${MOST}` : count) : `Nothing found for “${query}”`;
        list.replaceChildren(...hits.slice(0, MOST).map(({ ref, doc }) => {
            const [page, section] = book.urls[ref].split('#');
            const link = element('a', '', element('span', 'where', [...new Set(doc.breadcrumbs.split(' » '))].join(' › ')), teaser(doc.body, terms));
            link.href = `${path_to_root}${page}?highlight=${encodeURIComponent(terms.join(' '))}${section ? `#${section}` : ''}`;
            return element('li', '', link);
        }));
        panel.scrollTop = 0;
    };

    const show = open => {
        panel.hidden = !open;
        toggle.setAttribute('aria-expanded', open);
        if (!open) return;
        field.focus();
        field.select();
        ready().catch(() => { loading = undefined; });
    };
    toggle.addEventListener('click', () => show(panel.hidden));
    field.addEventListener('input', search);
    panel.parentElement.addEventListener('focusout', event => {
        if (!panel.hidden && event.relatedTarget && !panel.contains(event.relatedTarget) && event.relatedTarget !== toggle) show(false);
    });
    document.addEventListener('click', event => {
        if (!panel.hidden && !panel.contains(event.target) && !toggle.contains(event.target)) show(false);
    });
    panel.addEventListener('keydown', event => {
        if (event.isComposing) return; // a Korean syllable is not finished
        const links = [...list.querySelectorAll('a')];
        const at = links.indexOf(document.activeElement);
        if (event.key === 'Escape') { show(false); toggle.focus(); }
        else if (event.key === 'Enter' && at < 0) links[0]?.click();
        else if (event.key === 'ArrowDown') links[at + 1]?.focus();
        else if (event.key === 'ArrowUp') (links[at - 1] ?? field).focus();
        else return;
        if (event.key !== 'Enter' || at < 0) event.preventDefault();
    });
    document.addEventListener('keydown', event => {
        const single = $('mdbook-single-keys');
        if (event.altKey || event.ctrlKey || event.metaKey || !single.checked || !['/', 's'].includes(event.key)) return;
        if (event.target.closest('input, select, textarea, [contenteditable], dialog')) return;
        event.preventDefault();
        show(true);
    });

    const asks = new URLSearchParams(location.search);
    if (asks.get('search')) {
        field.value = asks.get('search');
        show(true);
        search();
    }
    // Arrived from a result: show where the words are.
    const sought = words(asks.get('highlight') ?? '');
    if (sought.length && window.Highlight) {
        const ranges = [];
        const walk = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
        for (let node; (node = walk.nextNode());) {
            const text = node.data.toLowerCase();
            for (const term of sought) {
                for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length)) {
                    const range = new Range();
                    range.setStart(node, at);
                    range.setEnd(node, at + term.length);
                    ranges.push(range);
                }
            }
        }
        CSS.highlights.set('found', new Highlight(...ranges));
    }
})();
