"use strict";
(() => {
  const save = document.getElementById("save");
  const data = document.getElementById("data");
  if (save && data) {
    save.hidden = false;
    save.addEventListener("click", () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([data.textContent], {type: "application/json"}));
      link.download = save.dataset.name;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  }
  // Tables of one body are sorted by a column: by its numbers where cells begin with one, else by its words.
  for (const table of document.querySelectorAll("table.sortable")) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const key = (row, column) => {
      const text = row.cells[column].textContent.trim();
      const number = parseFloat(text.replace(/[\u202f\s]/g, ""));
      return Number.isNaN(number) ? text : number;
    };
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (head.querySelector("svg") || !head.textContent || head.textContent === "Plot") return;
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        for (const other of head.parentNode.cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", sign > 0 ? "ascending" : "descending");
        rows.sort((left, right) => {
          const [one, two] = [key(left, column), key(right, column)];
          if (typeof one !== typeof two) return typeof one === "number" ? -1 : 1;
          return sign * (typeof one === "number" ? one - two : one < two ? -1 : one > two ? 1 : 0);
        });
        // A metric's name stands in its first row alone only in the order of the metrics.
        for (const cell of body.querySelectorAll(".repeat")) cell.classList.remove("repeat");
        body.append(...rows);
      });
    });
  }
  // A plot is saved as a file of its own, with the style of the page.
  for (const plot of document.querySelectorAll("figure svg.plot")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "save";
    button.textContent = "Save SVG";
    button.addEventListener("click", () => {
      const copy = plot.cloneNode(true);
      const style = document.createElementNS(plot.namespaceURI, "style");
      style.textContent = document.querySelector("style").textContent;
      copy.prepend(style);
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], {type: "image/svg+xml"}));
      link.download = (plot.querySelector("title").id || "plot").replace(/-t$/, "") + ".svg";
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
    plot.after(button);
  }
  const fold = document.getElementById("fold");
  if (fold) {
    const sections = document.querySelectorAll("details.workload");
    fold.hidden = sections.length === 0;
    fold.addEventListener("click", () => {
      const open = ![...sections].every((section) => section.open);
      for (const section of sections) section.open = open;
      fold.textContent = open ? "Close all" : "Open all";
    });
  }
})();
