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
