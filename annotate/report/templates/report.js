"use strict";
(() => {
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const $ = (id) => document.getElementById(id);
  const make = (tag, css, text) => {
    const element = document.createElement(tag);
    if (css) element.className = css;
    if (text !== undefined) element.textContent = text; // never innerHTML: titles and texts are other people's
    return element;
  };
  const option = (value, text) => { const element = make("option", "", text); element.value = value; return element; };
  const kwic = read("kwic-data"), details = read("detail-data");
  document.documentElement.classList.add("js");

  // keyword in context: one term, two outlets
  const term = $("term"), sides = [$("one"), $("other")].filter(Boolean);
  function lines(select) {
    const outlet = select.value, target = $(`${select.id}-lines`);
    const hits = (kwic.lines[term.value] || {})[outlet] || { n: 0, rows: [] };
    const shown = hits.rows.length < hits.n ? `${hits.rows.length} of ${hits.n} hits of “${term.value}”, spread evenly over time`
      : `${hits.n} ${hits.n === 1 ? "hit" : "hits"} of “${term.value}”`;
    $(`${select.id}-head`).textContent = outlet;
    $(`${select.id}-count`).textContent = hits.n ? shown : `no hit of “${term.value}”`;
    target.replaceChildren(...hits.rows.map(([left, match, right, article, chip]) => {
      const [date, title, place] = kwic.articles[article];
      const item = make("li"), line = make("div", "line"), before = make("span", "left"), meta = make("span", "meta");
      before.append(make("span", "", left));
      line.append(before, make("span", "match", match), make("span", "right", right));
      if (chip) {
        const [letter, css, label, state] = chip;
        const sign = make("span", `chip ${css} ${state}`, state === "suggested" ? `${letter}?` : letter);
        sign.title = `${label}, ${state}`;
        meta.append(sign);
      }
      if (date) meta.append(make("span", "date", date));
      if (place < 0) meta.append(make("span", "title", title));
      else {
        const jump = make("button", "title", title);
        jump.type = "button";
        jump.addEventListener("click", () => { open(place); $("reading").scrollIntoView(); });
        meta.append(jump);
      }
      item.append(line, meta);
      return item;
    }));
  }
  if (term) {
    for (const [name, total] of kwic.terms) term.append(option(name, `${name} (${total})`));
    sides.forEach((select, place) => {
      for (const name of kwic.outlets) select.append(option(name, name));
      select.value = kwic.pair[place] || kwic.outlets[place];
      select.addEventListener("change", () => lines(select));
    });
    // begin with a term that both outlets use, so that there is something to compare
    const both = kwic.terms.find(([name]) => sides.every((select) => (kwic.lines[name] || {})[select.value]));
    if (both) term.value = both[0];
    term.addEventListener("change", () => sides.forEach(lines));
    sides.forEach(lines);
  }

  // reading view: one article at a time
  const articles = [...document.querySelectorAll("#reading article")];
  const outlet = $("read-outlet"), title = $("read-article"), panel = $("panel");
  function open(place) {
    articles.forEach((article, i) => article.classList.toggle("open", i === place));
    if (outlet.value !== articles[place].dataset.outlet) { outlet.value = articles[place].dataset.outlet; titles(); }
    title.value = String(place);
    $("previous").disabled = place === 0;
    $("next").disabled = place === articles.length - 1;
    close();
  }
  function titles() {
    title.replaceChildren(...articles.flatMap((article, i) => {
      const { outlet: name, date, title: text, marks } = article.dataset;
      const dated = date ? `${date} · ` : "";
      return name === outlet.value ? [option(i, `${dated}${text} (${marks} marked)`)] : [];
    }));
  }
  function close() {
    document.querySelectorAll("mark.on").forEach((mark) => mark.classList.remove("on"));
    panel.classList.add("empty");
    panel.querySelector(".answers").replaceChildren(make("p", "quiet", panel.dataset.empty));
  }
  const percent = (share) => (share > 0 && share < 0.005 ? "<1 %" : `${Math.round(100 * share)} %`);
  function variablePart(variable, answer, state) {
    const codes = new Map(variable.codes.map((code) => [code[0], code]));
    const name = (code) => (codes.get(code) || [code, code])[1];
    const names = (code) => code.split("|").map(name).join(", ");
    const how = { coded: "majority of blind answers", assisted: "answers given with a suggestion in view", suggested: "suggested" }[state];
    const part = make("div"), head = make("h4", "", `${variable.name}: ${names(answer.code)}`);
    part.dataset.variable = variable.name;
    const basis = answer.decided ? "adjudicated" : how;
    head.append(make("span", "", ` · ${answer.code.startsWith("(") ? variable.question : basis}`));
    head.title = variable.question;
    part.append(head);
    if (answer.answers.length) {
      const list = make("ul");
      for (const [coder, code, assisted] of answer.answers)
        list.append(make("li", "", `${coder}: ${names(code)}${assisted ? " (saw a suggestion)" : ""}`));
      part.append(list);
    }
    if (answer.odds) {
      const odds = make("div", "odds");
      const ranked = answer.odds.map((share, i) => [share, variable.codes[i]]).sort((a, b) => b[0] - a[0]);
      for (const [share, code] of ranked) {
        const bar = make("i", code[2]);
        bar.style.width = `${Math.max(1, 100 * share)}%`;
        odds.append(make("span", "", code[1]), bar, make("b", "", percent(share)));
      }
      if (answer.answers.length) part.append(make("p", "quiet", "the model's suggestion:"));
      part.append(odds);
    }
    return part;
  }
  function show(mark) {
    const number = mark.dataset.mark, span = details.marks[number];
    close();
    const pieces = [...document.querySelectorAll(`mark[data-mark="${number}"]`)];
    pieces.forEach((piece) => piece.classList.add("on"));
    panel.classList.remove("empty");
    const words = pieces.map((piece) => piece.textContent).join("");
    const parts = [
      make("h3", "", `“${words.length > 240 ? `${words.slice(0, 240)} …` : words}”`),
      make("p", "quiet", `${span.unit}, characters ${span.from} to ${span.to} · ${details.states[span.state]}`),
    ];
    const order = [...span.variables.keys()].sort((a, b) => (details.variables[b].name === details.focus) - (details.variables[a].name === details.focus) || a - b);
    for (const i of order) if (span.variables[i].code) parts.push(variablePart(details.variables[i], span.variables[i], span.state));
    const id = make("p", "quiet");
    id.append("span ", make("code", "", span.span));
    panel.querySelector(".answers").replaceChildren(...parts, id);
  }
  if (articles.length) {
    for (const name of new Set(articles.map((article) => article.dataset.outlet))) outlet.append(option(name, name));
    outlet.addEventListener("change", () => { titles(); open(Number(title.value)); });
    title.addEventListener("change", () => open(Number(title.value)));
    $("previous").addEventListener("click", () => open(Number(title.value) - 1));
    $("next").addEventListener("click", () => open(Number(title.value) + 1));
    panel.querySelector(".close").addEventListener("click", close);
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
      const mark = event.target.closest && event.target.closest("mark");
      if (mark && (event.key === "Enter" || event.key === " ")) { event.preventDefault(); show(mark); }
    });
    for (const type of ["click", "focusin"])
      $("reading").addEventListener(type, (event) => { const mark = event.target.closest("mark"); if (mark) show(mark); });
    titles();
    open(articles.findIndex((article) => article.dataset.outlet === outlet.value));
  }
})();
