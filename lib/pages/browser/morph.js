// @ts-check

/**
 * Makes an element like another one, and leaves in place what is the same: the focus, a selection and what is unfolded
 * stay. Children with a `data-key` are recognized wherever they have gone.
 *
 * @param {Element} from in the page
 * @param {Element} to is used up
 */
export function morph(from, to) {
  const focused = document.activeElement;
  morphElement(from, to);
  // An element that was moved has lost it.
  if (focused instanceof HTMLElement && focused.isConnected && focused !== document.activeElement) {
    focused.focus({ preventScroll: true });
  }
}

/** @param {Element} from @param {Element} to */
function morphElement(from, to) {
  /** @param {string} name */
  const isReaders = (name) => name === "open" && from.localName === "details";
  for (const name of from.getAttributeNames()) {
    if (!to.hasAttribute(name) && !isReaders(name)) from.removeAttribute(name);
  }
  for (const name of to.getAttributeNames()) {
    const value = to.getAttribute(name) ?? "";
    if (from.getAttribute(name) !== value && !isReaders(name)) from.setAttribute(name, value);
  }
  morphChildren(from, to);
}

/** @param {Element} from @param {Element} to */
function morphChildren(from, to) {
  /** @type {Map<string, Element>} */
  const keyed = new Map();
  for (const child of from.children) {
    const key = keyOf(child);
    if (key !== null) keyed.set(key, child);
  }
  let next = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const key = keyOf(wanted);
    const found = key === null ? next : keyed.get(key) ?? null;
    if (found === null || !isAlike(found, wanted)) {
      from.insertBefore(wanted, next);
      continue;
    }
    if (found === next) next = next.nextSibling;
    else from.insertBefore(found, next);
    if (found instanceof Element && wanted instanceof Element) morphElement(found, wanted);
    else if (found.nodeValue !== wanted.nodeValue) found.nodeValue = wanted.nodeValue;
  }
  while (next !== null) {
    const gone = next;
    next = next.nextSibling;
    gone.remove();
  }
}

/** @param {Node} node */
function keyOf(node) {
  return node instanceof Element ? node.getAttribute("data-key") : null;
}

/** @param {Node} one @param {Node} other */
function isAlike(one, other) {
  return one.nodeName === other.nodeName && keyOf(one) === keyOf(other);
}
