// The contents beside an article follow the scroll, and the address loses the search it came from.

const links = new Map([...document.querySelectorAll("[data-toc] a")].map((link) => [decodeURIComponent(link.hash.slice(1)), link]));
const headings = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);

const mark = () => {
  const line = 120;
  const isAtEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2;
  const passed = headings.filter((heading) => heading.getBoundingClientRect().top <= line);
  const current = isAtEnd && window.scrollY > 0 ? headings.at(-1) : (passed.at(-1) ?? headings[0]);
  for (const [id, link] of links) id === current?.id ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current");
};

let isDue = false;
const markSoon = () => {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    mark();
  });
};

if (headings.length) {
  document.addEventListener("scroll", markSoon, { passive: true });
  window.addEventListener("resize", markSoon);
  mark();
}

const address = new URL(location.href);
if (address.searchParams.has("from")) {
  address.searchParams.delete("from");
  history.replaceState(history.state, "", address);
}
