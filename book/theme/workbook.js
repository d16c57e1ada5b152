(() => {
    // Copy the commands of a console block: neither the prompt nor what was printed.
    const original = playground_text;
    playground_text = (pre, hidden) => {
        const code = pre.querySelector('code.language-console');
        if (!code) return original(pre, hidden);
        const commands = code.textContent.split('\n').filter(line => /^[$#] /.test(line));
        return commands.map(line => line.slice(2)).join('\n');
    };

    // Code that scrolls sideways must be reachable with the keyboard.
    const focusable = () => document.querySelectorAll('main pre > code, figure.timeline').forEach(it => {
        if (it.scrollWidth > it.clientWidth) it.tabIndex = 0; else it.removeAttribute('tabindex');
    });
    focusable();
    addEventListener('resize', focusable);

    // On paper nothing is folded.
    const folded = [];
    addEventListener('beforeprint', () => document.querySelectorAll('details:not([open])').forEach(it => {
        it.open = true;
        folded.push(it);
    }));
    addEventListener('afterprint', () => folded.splice(0).forEach(it => { it.open = false; }));
})();
