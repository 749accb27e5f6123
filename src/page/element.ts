export interface ElementParts {
  readonly class?: string
  /** Always shown as text, never parsed as markup. */
  readonly text?: string
  readonly attributes?: Readonly<Record<string, string>>
}

/** A new element. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  parts: ElementParts = {},
  ...children: readonly Node[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag)
  if (parts.class !== undefined) made.className = parts.class
  if (parts.text !== undefined) made.textContent = parts.text
  for (const [name, value] of Object.entries(parts.attributes ?? {})) made.setAttribute(name, value)
  made.append(...children)
  return made
}

/** A button with a click handler. */
export function button(
  text: string,
  { onClick, ...parts }: Omit<ElementParts, 'text'> & { readonly onClick: () => void },
): HTMLButtonElement {
  const made = element('button', { ...parts, text, attributes: { type: 'button', ...parts.attributes } })
  made.addEventListener('click', onClick)
  return made
}

/** The element of page.html with that id. */
export function find<Type extends HTMLElement>(id: string, type: new () => Type): Type {
  const found = document.getElementById(id)
  if (!(found instanceof type)) throw new Error(`page.html has no ${type.name} '${id}'`)
  return found
}

/** The field of page.html with that id. */
export function findField(id: string): HTMLInputElement | HTMLSelectElement {
  return document.getElementById(id) instanceof HTMLSelectElement
    ? find(id, HTMLSelectElement)
    : find(id, HTMLInputElement)
}

/** Sets the text only if it differs, since an assignment always causes a layout. */
export function setText(target: Element, text: string): void {
  if (target.textContent !== text) target.textContent = text
}
