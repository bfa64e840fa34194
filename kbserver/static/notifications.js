// News that is opened is read; the browser says so while it goes there.

const form = document.querySelector("[data-notices]");

form?.addEventListener("click", (event) => {
  const link = event.target.closest("[data-notice]");
  if (!link || !link.closest(".is-unread")) return;
  const body = new FormData(form);
  body.set("id", link.dataset.notice);
  fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, keepalive: true });
});
