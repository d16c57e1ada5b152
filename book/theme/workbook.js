// The furniture of a page: table of contents, theme, keys, code blocks. The page can be read without.
(() => {
    const root = document.documentElement;
    const $ = id => document.getElementById(id);
    const all = (what, inside = document) => [...inside.querySelectorAll(what)];
    const keep = (name, value) => {
        // A browser may forbid it; then nothing is remembered.
        try { value === null ? localStorage.removeItem(name) : localStorage.setItem(name, value); } catch { /* so be it */ }
    };
    // What has to measure the page waits until it is to be seen.
    const afterPaint = what => requestAnimationFrame(() => setTimeout(what));
    const kept = name => { try { return localStorage.getItem(name); } catch { return null; } };

    // What a button has done is said to a screen reader, too.
    const status = document.createElement('p');
    status.className = 'said';
    status.setAttribute('role', 'status');
    $('mdbook-menu-bar').append(status);

    /* Table of contents: a column beside a wide page, a drawer over a narrow one. */
    const sidebar = $('mdbook-sidebar'), toggle = $('mdbook-sidebar-toggle');
    const wide = matchMedia('(min-width: 1080px)');
    const isOpen = () => root.classList.contains('sidebar-visible');
    const showSidebar = open => {
        root.classList.toggle('sidebar-visible', open);
        toggle.setAttribute('aria-expanded', open);
        if (wide.matches) keep('mdbook-sidebar', open ? 'visible' : 'hidden');
    };
    const closeDrawer = () => { if (isOpen() && !wide.matches) showSidebar(false); };
    toggle.setAttribute('aria-expanded', isOpen());
    toggle.addEventListener('click', () => {
        showSidebar(!isOpen());
        if (isOpen() && !wide.matches) (sidebar.querySelector('[aria-current]') ?? sidebar.querySelector('a'))?.focus();
    });
    wide.addEventListener('change', () => showSidebar(wide.matches && kept('mdbook-sidebar') !== 'hidden'));
    sidebar.addEventListener('click', event => { if (event.target.closest('a')) closeDrawer(); });
    document.addEventListener('click', event => {
        if (!sidebar.contains(event.target) && !toggle.contains(event.target)) closeDrawer();
    });
    sidebar.addEventListener('focusout', event => {
        if (event.relatedTarget && !sidebar.contains(event.relatedTarget) && event.relatedTarget !== toggle) closeDrawer();
    });

    /* The sections of this page, below its line in the table of contents. */
    const here = sidebar.querySelector('[aria-current="page"]');
    let headings = [], links = [], current;
    const listSections = () => {
        sidebar.querySelector('.on-this-page')?.remove();
        headings = here ? all('main h2[id]').filter(it => it.querySelector('a.header')) : [];
        current = null;
        if (!headings.length) return;
        const list = document.createElement('ol');
        list.className = 'on-this-page';
        links = headings.map(heading => {
            const link = document.createElement('a');
            link.href = '#' + heading.id;
            link.append(...heading.querySelector('a.header').cloneNode(true).childNodes);
            const item = document.createElement('li');
            item.append(link);
            list.append(item);
            return link;
        });
        here.after(list);
    };
    const follow = () => {
        const passed = headings.filter(it => it.getBoundingClientRect().top < innerHeight / 4);
        const now = links[passed.length - 1];
        if (now === current) return;
        current?.removeAttribute('aria-current');
        now?.setAttribute('aria-current', 'location');
        current = now;
    };
    let due = false;
    addEventListener('scroll', () => {
        if (due) return;
        due = true;
        requestAnimationFrame(() => { due = false; follow(); });
    }, { passive: true });
    afterPaint(() => {
        if (here && isOpen()) sidebar.scrollTop = here.offsetTop - sidebar.clientHeight / 4;
    });

    /* The bar leaves a small screen to who reads on, and is back for who scrolls back. */
    let before = scrollY;
    addEventListener('scroll', () => {
        if (Math.abs(scrollY - before) < 5) return;
        root.classList.toggle('reading', scrollY > before && scrollY > 100);
        before = scrollY;
    }, { passive: true });

    /* Theme: the system's, or the one that was chosen. */
    const themeToggle = $('mdbook-theme-toggle'), themes = $('mdbook-theme-list');
    const choices = all('.theme', themes);
    const name = choice => choice.id.replace('mdbook-theme-', '');
    const setTheme = theme => {
        root.classList.remove('light', 'dark');
        if (theme === 'light' || theme === 'dark') root.classList.add(theme);
        else theme = 'default_theme';
        choices.forEach(it => it.setAttribute('aria-checked', name(it) === theme));
    };
    const showThemes = open => {
        themes.hidden = !open;
        themeToggle.setAttribute('aria-expanded', open);
        if (open) themes.querySelector('[aria-checked="true"]').focus();
    };
    setTheme(kept('mdbook-theme'));
    themeToggle.addEventListener('click', () => showThemes(themes.hidden));
    themes.addEventListener('click', event => {
        const choice = event.target.closest('.theme');
        if (!choice) return;
        keep('mdbook-theme', name(choice) === 'default_theme' ? null : name(choice));
        setTheme(name(choice));
        showThemes(false);
        themeToggle.focus();
    });
    themes.addEventListener('keydown', event => {
        const at = choices.indexOf(document.activeElement);
        const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        choices.at(to % choices.length).focus();
    });
    themes.parentElement.addEventListener('focusout', event => {
        if (!themes.parentElement.contains(event.relatedTarget)) showThemes(false);
    });
    addEventListener('storage', event => { if (event.key === 'mdbook-theme') setTheme(event.newValue); });

    /* Keys. Those that are a single character can be turned off, as speech input needs it. */
    const help = $('mdbook-help'), single = $('mdbook-single-keys');
    single.checked = kept('mdbook-single-keys') !== 'off';
    single.addEventListener('change', () => keep('mdbook-single-keys', single.checked ? null : 'off'));
    document.addEventListener('keydown', event => {
        if (event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented || help.open) return;
        if (event.key === 'Escape') {
            if (!themes.hidden) { showThemes(false); themeToggle.focus(); }
            else if (isOpen() && !wide.matches) { showSidebar(false); toggle.focus(); }
            return;
        }
        // Where the key has a meaning of its own: in a field, in what scrolls sideways, in a menu.
        if (event.target.closest('input, select, textarea, [contenteditable], [tabindex="0"], [role="menu"]')) return;
        const go = rel => document.querySelector(`.pager [rel="${rel}"]`)?.click();
        if (event.key === 'ArrowRight' && !event.shiftKey) go('next');
        else if (event.key === 'ArrowLeft' && !event.shiftKey) go('prev');
        else if (event.key === '?' && single.checked) { event.preventDefault(); help.showModal(); }
    });

    /* Code blocks. */

    // Of a console what was typed: neither the prompt nor what was printed.
    const toCopy = code => {
        const text = code.textContent.replace(/\n$/, '');
        let commands = all('.command', code).map(it => it.textContent);
        // A plain `mdbook build` marks none; then go by the prompt.
        if (!commands.length && code.matches('.language-console'))
            commands = text.split('\n').filter(it => it.startsWith('$ ')).map(it => it.slice(2));
        return commands.length ? commands.join('\n') : text;
    };
    const copy = async text => {
        try { return await navigator.clipboard.writeText(text); } catch { /* the older way */ }
        const field = document.createElement('textarea');
        field.value = text;
        document.body.append(field);
        field.select();
        const done = document.execCommand('copy');
        field.remove();
        if (!done) throw new Error('not allowed');
    };
    const addCopyButton = code => {
        const button = document.createElement('button');
        button.type = 'button';
        button.className = 'clip-button';
        button.textContent = 'Copy';
        button.addEventListener('click', async () => {
            let word = 'Copied';
            try { await copy(toCopy(code)); } catch { word = 'Not allowed'; }
            button.focus();
            button.textContent = status.textContent = word;
            button.classList.add('copied');
            setTimeout(() => {
                button.textContent = 'Copy';
                status.textContent = '';
                button.classList.remove('copied');
            }, 1500);
        });
        code.parentElement.append(button);
    };

    // What scrolls sideways can be reached with the keyboard.
    const reach = () => {
        // First all the measuring, then all the changes: the page is laid out once.
        const wide = all('main pre > code, main figure, .table-wrapper').map(it => [it, it.scrollWidth > it.clientWidth]);
        for (const [it, is] of wide)
            if (is !== it.hasAttribute('tabindex')) is ? it.tabIndex = 0 : it.removeAttribute('tabindex');
    };
    addEventListener('resize', reach);
    document.addEventListener('toggle', reach, true);

    const addCopyButtons = () =>
        all('main pre > code:not(.nohighlight)').filter(it => !it.parentElement.querySelector('.clip-button')).forEach(addCopyButton);
    document.addEventListener('newcode', addCopyButtons);

    /* The text of the page: this one, and a newer one that takes its place (live.js). */
    const dress = () => {
        listSections();
        addCopyButtons();
        afterPaint(() => { follow(); reach(); });
    };
    dress();
    document.addEventListener('newtext', dress);

    /* On paper nothing is folded. */
    $('print-button')?.addEventListener('click', () => print());
    const folded = [];
    addEventListener('beforeprint', () => all('details:not([open])').forEach(it => { it.open = true; folded.push(it); }));
    addEventListener('afterprint', () => folded.splice(0).forEach(it => { it.open = false; }));
})();
