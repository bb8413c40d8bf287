// Makes elements. Texts enter the page as text nodes and attributes alone, never as HTML.

type Child = Node | string | false | undefined;
type Attributes = Record<string, string | boolean | undefined>;

/** `false` and undefined attributes are omitted, `true` ones are empty. `class` names classes. */
export function make<Name extends string>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): Name extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Name] : HTMLElement {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) element.setAttribute(key, value === true ? '' : value);
  append(element, children);
  return element as Name extends keyof HTMLElementTagNameMap ? HTMLElementTagNameMap[Name] : HTMLElement;
}

export function replace(parent: Element, ...children: Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

/** A decoration that screen readers skip. */
export function icon(name: string): HTMLElement {
  return make('span', { class: `icon icon-${name}`, 'aria-hidden': 'true' });
}

function append(parent: Element, children: readonly Child[]): void {
  for (const child of children) if (child !== undefined && child !== false) parent.append(child);
}
