// Searches the whole site in the browser. The index is a script, because a page opened from a file may load scripts only.
(() => {
  const root = document.currentScript.dataset.root;
  const box = document.querySelector("search");
  const input = box.querySelector("input");
  const list = box.querySelector("ol");
  let index;
  box.hidden = false;
  if (matchMedia("(max-width: 52rem)").matches) {
    document.querySelector("aside details").open = false;
  }

  function load(file) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${root}assets/${file}`;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`Cannot load ${file}`));
      document.head.append(script);
    });
  }

  function prepare() {
    index ??= (async () => {
      await Promise.all([load("minisearch.js"), load("search-index.js")]);
      const { options, index: stored } = globalThis.appointmentSearch;
      return globalThis.MiniSearch.loadJS(stored, options);
    })();
    return index;
  }

  /** The title with the words that were found marked. */
  function marked(title, terms) {
    const words = terms.filter((term) => term.length > 1).sort((a, b) => b.length - a.length)
      .map((term) => term.replaceAll(/[^\p{L}\p{N}]/gu, "\\$&"));
    if (words.length === 0) return [title];
    return title.split(new RegExp(`(${words.join("|")})`, "i")).map((part, index) => {
      if (index % 2 === 0) return part;
      const mark = document.createElement("mark");
      mark.textContent = part;
      return mark;
    });
  }

  function entry({ title, page, path, terms }) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = root + path;
    link.append(...marked(title, terms));
    const small = document.createElement("small");
    small.textContent = page;
    link.append(small);
    item.append(link);
    return item;
  }

  async function search() {
    const query = input.value.trim();
    if (!query) {
      list.hidden = true;
      return;
    }
    const found = (await prepare()).search(query, {
      prefix: true,
      fuzzy: 0.15,
      boost: { title: 4 },
      boostDocument: (path) => path.includes("#") ? 1 : 1.8, // a page before its parts
    }).slice(0, 12);
    const empty = document.createElement("li");
    empty.className = "nothing";
    empty.textContent = `Nothing found for “${query}”`;
    list.replaceChildren(...(found.length ? found.map(entry) : [empty]));
    list.hidden = false;
  }

  input.addEventListener("focus", prepare);
  input.addEventListener("input", search);
  box.addEventListener("keydown", (event) => {
    const links = [...list.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") {
      list.hidden = true;
      input.focus();
    } else if (event.key === "ArrowDown" && links[at + 1]) {
      event.preventDefault();
      links[at + 1].focus();
    } else if (event.key === "ArrowUp" && at >= 0) {
      event.preventDefault();
      (links[at - 1] ?? input).focus();
    }
  });
  document.addEventListener("click", (event) => {
    if (!box.contains(event.target)) list.hidden = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && document.activeElement === document.body) {
      event.preventDefault();
      input.focus();
    }
  });
})();
