// Sorting, filtering and searching. Every page is whole without this script.
"use strict";

(() => {
  const collator = new Intl.Collator("en-GB", { numeric: true, sensitivity: "base" });
  const root = document.body.dataset.root;

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  // Hyphens and commas part words, and an apostrophe or the full stop of "St." does not.
  const plain = (text) =>
    text.normalize("NFKD").replace(/\p{Diacritic}/gu, "").replace(/[\u2018\u2019']|\.(?!\d)/g, "")
      .replace(/[\s,;\u2010-\u2015-]+/g, " ").toLowerCase();

  const textOf = (row, column) => row.cells[column].textContent.trim();

  // "up 3" is better than "same", and "down 12" worse; other numbers are their first figure.
  const numberIn = (text) => {
    const change = text.match(/^(up|down|same)(?: (\d+))?/);
    if (change) return change[1] === "same" ? 0 : (change[1] === "up" ? -1 : 1) * Number(change[2]);
    const found = text.replace(/,/g, "").match(/^[<>]?(-?\d+(?:\.\d+)?)/);
    return found ? Number(found[1]) : null;
  };

  const compare = (column, isNumber, direction) => (first, second) => {
    const [one, other] = [first, second].map((row) => {
      const text = textOf(row, column);
      return isNumber ? numberIn(text) : text === "-" ? null : text;
    });
    if (one === null || other === null) return (one === null) - (other === null);
    return direction * (isNumber ? one - other : collator.compare(one, other));
  };

  const makeSortable = (table) => {
    const headers = [...table.tHead.rows[0].cells];
    headers.forEach((header, column) => {
      const button = element("button", { type: "button" });
      button.append(...header.childNodes);
      header.append(button);
      button.addEventListener("click", () => {
        const isAscending = header.getAttribute("aria-sort") !== "ascending";
        headers.forEach((each) => each.removeAttribute("aria-sort"));
        header.setAttribute("aria-sort", isAscending ? "ascending" : "descending");
        const order = compare(column, header.classList.contains("number"), isAscending ? 1 : -1);
        table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
      });
    });
    if (headers[0].textContent.trim() === "Rank") headers[0].setAttribute("aria-sort", "ascending");
  };

  let names = 0;
  const labelled = (text, control) => {
    control.id = `control-${(names += 1)}`;
    return element("div", {}, element("label", { htmlFor: control.id, textContent: text }), control);
  };

  const makeFilterable = (table) => {
    const headers = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim());
    const rows = [...table.tBodies[0].rows];
    const status = element("p");
    status.setAttribute("role", "status");
    const words = element("input", { type: "search", autocomplete: "off" });
    const selects = (table.dataset.filters || "").split(" ").filter((name) => headers.includes(name)).map((name) => {
      const column = headers.indexOf(name);
      const first = (row) => textOf(row, column).replace(/\*.*$/s, "");
      const values = [...new Set(rows.map(first))].sort(collator.compare);
      const select = element("select", {}, element("option", { value: "", textContent: "all" }),
        ...values.map((value) => element("option", { value, textContent: value })));
      return { name, select, holds: (row) => !select.value || first(row) === select.value };
    });
    const update = () => {
      const wanted = plain(words.value).split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row) => {
        const text = plain(row.textContent);
        row.hidden = !(wanted.every((word) => text.includes(word)) && selects.every((each) => each.holds(row)));
        shown += row.hidden ? 0 : 1;
      });
      status.textContent = shown === rows.length ? "" : `${shown} of ${rows.length} shown`;
    };
    const controls = element("div", { className: "filters" }, labelled("Show only trusts with these words", words),
      ...selects.map((each) => labelled(each.name, each.select)), status);
    [words, ...selects.map((each) => each.select)].forEach((control) => control.addEventListener("input", update));
    table.closest(".scroll").before(controls);
  };

  const makeSearch = (place, trusts) => {
    const input = element("input", { type: "search", autocomplete: "off" });
    const status = element("p");
    status.setAttribute("role", "status");
    const found = element("ul", { className: "found" });
    const indexed = trusts.map(([code, name, towns, href]) =>
      ({ code, name, towns, href, text: plain(`${code} ${name} ${towns}`) }));
    const most = 12;
    input.addEventListener("input", () => {
      const wanted = plain(input.value).split(/\s+/).filter(Boolean);
      const hits = wanted.length ? indexed.filter(({ text }) => wanted.every((word) => text.includes(word))) : [];
      found.replaceChildren(...hits.slice(0, most).map(({ code, name, towns, href }) =>
        element("li", {}, element("a", { href: root + href, textContent: name }), ` ${code}${towns ? `: ${towns}` : ""}`)));
      status.textContent = !wanted.length ? "" : !hits.length ? "No trust has these words in its name, code or towns"
        : hits.length > most ? `${hits.length} trusts, the first ${most} shown` : `${hits.length} found`;
    });
    place.append(element("div", { className: "search" }, labelled("Find a trust by name or town", input), status, found));
    place.setAttribute("role", "search");
  };

  document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
  document.querySelectorAll("table[data-filters]").forEach(makeFilterable);
  const place = document.getElementById("search");
  if (place && window.nhsLeagueTrusts) makeSearch(place, window.nhsLeagueTrusts);
})();
